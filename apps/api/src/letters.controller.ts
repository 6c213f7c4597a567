// HTTP, dead letters: what was put aside and why, one as it came, sent again or discarded.

import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { DiscardedAnswer, LetterMessageView, LettersPage, RetriedAnswer } from './letter-answers.js';
import { Letters } from './letters.js';
import { OPERATOR, Operator } from './operator.js';
import { problem } from './problem.js';
import { DiscardBody, LetterChoice, LetterQuery, LettersQuery } from './upkeep-requests.js';

const NOT_NEEDED = {
  ...IDEMPOTENCY_HEADER,
  description: 'Accepted and not needed: a CDR is recorded once, a letter discarded once.',
};

@ApiTags('operations')
@Controller('v1/dead-letters')
export class LettersController {
  constructor(
    @Inject(Letters) private readonly letters: Letters,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What is put aside, and why, page by page; a moment behind the topic. What records held is for the operator.',
  })
  @ApiOkResponse({ type: LettersPage })
  async list(@Query() query: LettersQuery, @Headers('authorization') authorization: string | undefined): Promise<LettersPage> {
    const page = await this.letters.page(query);
    if (this.operator.is(authorization)) return page;
    return { ...page, letters: page.letters.map((letter) => ({ ...letter, reason: withoutPersons(letter.reason) })) };
  }

  @Get('letter')
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'One as it came, with headers and bytes, which may name persons. Needs the operator.' })
  @ApiOkResponse({ type: LetterMessageView })
  letter(@Query() { id }: LetterQuery, @Headers('authorization') authorization: string | undefined): Promise<LetterMessageView> {
    this.operator.require(authorization);
    return this.letters.letter(id);
  }

  @Post('retry')
  @HttpCode(200)
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'Sends the same bytes again: of all, or of those that are chosen. Needs the operator.' })
  @ApiHeader(NOT_NEEDED)
  @ApiOkResponse({ type: RetriedAnswer })
  async retry(
    @Body() { id, code, tenant }: LetterChoice,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<RetriedAnswer> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    return { retried: await this.letters.retry({ id, code, tenant }) };
  }

  @Post('discard')
  @HttpCode(200)
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'Strikes letters off the list; they stay on the topic. Needs the operator.' })
  @ApiHeader(NOT_NEEDED)
  @ApiOkResponse({ type: DiscardedAnswer })
  async discard(
    @Body() { id, code, tenant, author, reason }: DiscardBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<DiscardedAnswer> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    if (id === undefined && code === undefined && tenant === undefined) {
      const errors = ['id', 'code', 'tenant'].map((name) => ({
        pointer: `#/${name}`,
        detail: 'one of id, code, tenant is needed',
      }));
      throw problem('request-invalid', 'Say which letters: by id, code or tenant.', { errors });
    }
    return { discarded: await this.letters.discard({ id, code, tenant }, { author, reason }) };
  }
}

/** As a record held it, which may have been cut off. */
const QUOTED = /"(?:[^"\\]|\\.)*("|\\?$)/gs;
const MAIL_ADDRESS = /[^\s"@<>(),;]{1,256}@[^\s"@<>(),;]+/g;
/** As people write numbers. The standard's name is none. */
const NUMBER = /(?<!\bE\.)\d(?:[\s.()/-]*\d){2,}/g;

/** Whatever may tell who was called, and by whom, is for the operator. */
function withoutPersons(reason: string): string {
  return reason.replaceAll(QUOTED, '"…"').replaceAll(MAIL_ADDRESS, '…').replaceAll(NUMBER, '…');
}
