// HTTP, rerating: the calls of a period are rated anew; the answer is the summary, or lines that tell how far it is before it.

import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { problemFor } from './problem-filter.js';
import { Rerates, type RerateProgress, type RerateResult } from './rerates.js';
import { RerateBody } from './upkeep-requests.js';

const NDJSON = 'application/x-ndjson';
const LINE_EVERY_MS = 1_000;
const CHANGES_PER_PIECE = 1_000;

const SUMMARY = `Rates the calls of a period again, and replaces the debits whose amount is another: reversal and new debit. Needs the operator.

The answer is what \`tollkeeper rerate --json\` prints, once all is done, which may take minutes. With \`Accept: ${NDJSON}\` it comes line by
line: every second \`{"rated": n}\`, then \`{"replaced": n, "of": m}\`, and last the summary, or the problem that ended it. Asking again does what
is left; what was replaced is not replaced twice.`;

class CdrView {
  @ApiProperty({ type: String }) readonly source!: string;
  @ApiProperty({ type: String }) readonly id!: string;
  @ApiProperty({ type: 'integer' }) readonly generation!: number;
}

class ChangeView {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: 'integer' }) readonly revision!: number;
  @ApiProperty({ type: CdrView }) readonly cdr!: CdrView;
  @ApiProperty({ type: String, format: 'date-time' }) readonly answeredAt!: string;
  @ApiProperty({ type: String, example: '0.042' }) readonly before!: string;
  @ApiProperty({ type: String, example: '0.04' }) readonly after!: string;
}

class RerateAnswer {
  @ApiProperty({ type: 'integer' }) readonly checked!: number;
  @ApiProperty({ type: 'integer', description: 'Debited once, and without a rate now: left as they are.' })
  readonly unrated!: number;
  @ApiProperty({ type: 'integer', description: 'Their number was erased, and nobody can rate them again: left as they are.' })
  readonly erased!: number;
  @ApiProperty({ type: 'integer', description: 'Debits that were replaced.' }) readonly written!: number;
  @ApiProperty({ type: String, format: 'uuid' }) readonly rerateId!: string;
  @ApiProperty({ type: [ChangeView] }) readonly changes!: readonly ChangeView[];
}

@ApiTags('operations')
@ApiBearerAuth(OPERATOR)
@Controller('v1/rerates')
export class ReratesController {
  constructor(
    @Inject(Rerates) private readonly rerates: Rerates,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Rates the calls of a period again, and replaces what differs. Needs the operator.',
    description: SUMMARY,
  })
  @ApiHeader({
    ...IDEMPOTENCY_HEADER,
    description: 'Accepted and not needed: what was replaced has the amount that rating says.',
  })
  @ApiProduces('application/json', NDJSON)
  @ApiOkResponse({ type: RerateAnswer })
  async rerate(
    @Body() body: RerateBody,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    this.operator.require(headers['authorization']);
    idempotencyKeyOf(headers['idempotency-key']);
    let latest: RerateProgress | undefined;
    const { ended } = await this.rerates.begin(body, (progress) => (latest = progress));
    const isLines = headers['accept']?.includes(NDJSON) === true;
    const pieces = isLines ? linesOf(ended, () => latest) : jsonOf(await ended);
    void reply.header('content-type', isLines ? NDJSON : 'application/json; charset=utf-8');
    return Readable.from(pieces);
  }
}

async function* linesOf(ended: Promise<RerateResult>, latest: () => RerateProgress | undefined): AsyncGenerator<string> {
  const end = ended.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([end, delay(LINE_EVERY_MS, false, { ref: false })]))) {
    const progress = latest();
    if (progress !== undefined) yield `${JSON.stringify(progress)}\n`;
  }
  try {
    yield* jsonOf(await ended);
    yield '\n';
  } catch (error) {
    yield `${JSON.stringify(problemFor(error).problem)}\n`;
  }
}

/** A period may have a million changes. */
function* jsonOf({ changes, ...counts }: RerateResult): Generator<string> {
  yield `${JSON.stringify(counts).slice(0, -1)},"changes":[`;
  for (let at = 0; at < changes.length; at += CHANGES_PER_PIECE) {
    const piece = changes.slice(at, at + CHANGES_PER_PIECE).map((change) => JSON.stringify(change));
    yield (at === 0 ? '' : ',') + piece.join(',');
  }
  yield ']}';
}
