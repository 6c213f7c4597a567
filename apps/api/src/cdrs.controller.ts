// HTTP, CDRs: a body of records comes in as a stream; each is answered for by itself, accepted only once it is durable on the bus.

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Controller, Headers, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { bodyKindOf } from '@tollkeeper/rating';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CdrsAnswer } from './answers.js';
import { CdrUploads } from './cdr-uploads.js';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { problem } from './problem.js';
import { CdrsQuery } from './requests.js';
import { uploadBody } from './upload-body.js';

const SUMMARY = `Takes call-detail records; each is answered for by itself.

The body is a JSON array, one JSON object, one object a line, or CSV, at most 16 MiB, gzip or not. The status is 200 when the
whole body was read, whatever became of its records. If the body or an engine fails half-way, the problem lists under
\`records\` those that were answered for before; accepted ones are durable. Sending a record again is harmless: the account
knows it by source and id.`;

@ApiTags('cdrs')
@Controller('v1/cdrs')
export class CdrsController {
  constructor(@Inject(CdrUploads) private readonly uploads: CdrUploads) {}

  @Post()
  @HttpCode(200)
  @RouteConfig({ streamsBody: true })
  @ApiOperation({ summary: 'Takes call-detail records.', description: SUMMARY })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, description: "Accepted and not needed: each record's own id makes it count once." })
  @ApiConsumes('application/json', 'application/x-ndjson', 'text/csv')
  @ApiBody({ schema: { type: 'string' } })
  @ApiOkResponse({ type: CdrsAnswer })
  async take(
    @Query() { source, format, file: name, firstRecord }: CdrsQuery,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    idempotencyKeyOf(headers['idempotency-key']);
    const requestId = randomUUID();
    void reply.header('x-request-id', requestId);
    const settings = this.uploads.sourceOf(source, format);
    if (!(request.body instanceof Readable)) throw problem('request-unreadable', 'The body is empty; send at least one record.');
    const body = uploadBody(request.body, headers['content-encoding'], headers['content-length']);
    const kind = kindOf(headers['content-type']);
    const file = name === undefined ? undefined : { name, firstRecord };
    const { totals, pieces } = await this.uploads.take({ requestId, body, kind, source: settings, format, file });
    void reply.header('content-type', 'application/json; charset=utf-8');
    return Readable.from(jsonOf(requestId, totals, pieces));
  }
}

/** JSON is told apart by its shape, because `application/json` is what many send NDJSON as. */
function kindOf(contentType: string | undefined): ReturnType<typeof bodyKindOf> {
  const kind = bodyKindOf(contentType);
  return kind === 'json' ? null : kind;
}

function* jsonOf(requestId: string, totals: CdrsAnswer['totals'], pieces: readonly string[]): Generator<string> {
  yield `{"requestId":"${requestId}","totals":${JSON.stringify(totals)},"records":[`;
  for (const [index, piece] of pieces.entries()) yield index === 0 ? piece : `,${piece}`;
  yield ']}';
}
