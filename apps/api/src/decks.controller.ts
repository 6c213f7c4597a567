// HTTP, rate decks: the versions of each plan, what differs between two, a file imported as new ones, one of them activated.

import { Readable } from 'node:stream';
import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ActivationAnswer, DeckDiffView, DeckImportAnswer, DecksView } from './deck-answers.js';
import { ActivationBody, DeckImportQuery, DeckPairPath, DeckPath } from './deck-requests.js';
import { Decks, MAX_DECK_BYTES } from './decks.js';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { problem } from './problem.js';
import { bodyFault, uploadBody } from './upload-body.js';

const FILE = `Takes a CSV file, a carrier's A–Z sheet or Azure's price sheet, at most ${MAX_DECK_BYTES / 1_048_576} MiB, gzip or not.

A file with a fault is refused whole, with line, column and code of each fault under \`faults\`. Each plan of it becomes a version of its own,
named by the SHA-256 of its prices; none is active until it is activated. Sending it again is harmless.`;

const NOT_NEEDED = { ...IDEMPOTENCY_HEADER, description: 'Accepted and not needed: the same again changes nothing.' };
const BOUND = { maxBytes: MAX_DECK_BYTES, advice: 'send a deck for each plan, or leave out columns that are the default' };
const NOT_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';
const TEXT_TYPES: ReadonlySet<string | undefined> = new Set([undefined, 'text/csv', 'text/plain']);

@ApiTags('prices')
@Controller('v1/decks')
export class DecksController {
  constructor(
    @Inject(Decks) private readonly decks: Decks,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The versions of the rate decks of all plans.' })
  @ApiOkResponse({ type: DecksView })
  list(): Promise<DecksView> {
    return this.decks.list();
  }

  @Get(':before/diff/:after')
  @ApiOperation({ summary: 'What differs between two versions, row by row.' })
  @ApiOkResponse({ type: DeckDiffView })
  diff(@Param() { before, after }: DeckPairPath): Promise<DeckDiffView> {
    return this.decks.diff(before, after);
  }

  @Post()
  @RouteConfig({ streamsBody: true })
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'Imports a rate deck as a version of each of its plans. Needs the operator.', description: FILE })
  @ApiHeader(NOT_NEEDED)
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', example: 'prefix,destination,rate,currency\n49,Germany,0.02,EUR\n' } })
  @ApiResponse({ status: 201, type: DeckImportAnswer, description: 'Imported.' })
  @ApiOkResponse({ type: DeckImportAnswer, description: 'All of it was there already.' })
  async import(
    @Query() query: DeckImportQuery,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeckImportAnswer> {
    this.operator.require(headers['authorization']);
    idempotencyKeyOf(headers['idempotency-key']);
    const answer = await this.decks.import(() => textOf(request.body, headers), query);
    void reply.status(answer.versions.some(({ isNew }) => isNew) ? 201 : 200);
    return answer;
  }

  @Post(':hash/activations')
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'Activates a version for calls answered from an instant on. Needs the operator.' })
  @ApiHeader(NOT_NEEDED)
  @ApiResponse({ status: 201, type: ActivationAnswer, description: 'Activated; calls that were debited keep their price.' })
  @ApiOkResponse({ type: ActivationAnswer, description: 'It was so already.' })
  async activate(
    @Param() { hash }: DeckPath,
    @Body() body: ActivationBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ActivationAnswer> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    const answer = await this.decks.activate(hash, body);
    void reply.status(answer.changed ? 201 : 200);
    return answer;
  }
}

async function textOf(body: unknown, headers: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (!(body instanceof Readable)) throw problem('request-unreadable', 'The body is empty; send a CSV file.');
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (!TEXT_TYPES.has(mediaType)) throw problem('media-type-unsupported', `The body is ${mediaType}; send text/csv.`);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  try {
    const chunks = uploadBody(body, headers['content-encoding'], headers['content-length'], BOUND);
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_UTF8)
      throw problem('request-unreadable', 'The file is not UTF-8 text; save it as UTF-8.');
    throw bodyFault(error) ?? error;
  }
}
