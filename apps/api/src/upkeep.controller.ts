// HTTP, how everything runs: what lags, what was put aside, and the two long works, rebuilding read models and verifying the ledger.

import { Body, Controller, Get, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { Rebuilds } from './rebuilds.js';
import { OperationsView, RebuildsAnswer, VerificationView } from './upkeep-answers.js';
import { RebuildBody, VerificationBody } from './upkeep-requests.js';
import { UpkeepStates } from './upkeep-state.js';
import { Verifications } from './verifications.js';

const NOT_NEEDED = { ...IDEMPOTENCY_HEADER, description: 'Accepted and not needed: what is under way is not begun twice.' };
const ACCEPTED = 202;

@ApiTags('operations')
@Controller('v1/operations')
export class UpkeepController {
  constructor(
    @Inject(UpkeepStates) private readonly states: UpkeepStates,
    @Inject(Rebuilds) private readonly rebuilds: Rebuilds,
    @Inject(Verifications) private readonly verifications: Verifications,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How far read models and intake are behind, what was put aside, the last rebuilds and verification.' })
  @ApiOkResponse({ type: OperationsView })
  async look(): Promise<OperationsView> {
    const [state, rebuilds, verification] = await Promise.all([
      this.states.state(),
      this.rebuilds.views(),
      this.verifications.newest(),
    ]);
    return { ...state, rebuilds, verification };
  }

  @Post('rebuilds')
  @HttpCode(ACCEPTED)
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({
    summary: 'Builds a read model, or all, anew beside the live rows, and swaps; nothing is sent again. Needs the operator.',
  })
  @ApiHeader(NOT_NEEDED)
  @ApiResponse({ status: ACCEPTED, type: RebuildsAnswer, description: 'Begun; GET /v1/operations tells how far each is.' })
  async rebuild(
    @Body() { name }: RebuildBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<RebuildsAnswer> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    return { rebuilds: await this.rebuilds.ask(name) };
  }

  @Post('verifications')
  @HttpCode(ACCEPTED)
  @ApiBearerAuth(OPERATOR)
  @ApiOperation({ summary: 'Verifies the ledger, as tollkeeper verify does. Needs the operator.' })
  @ApiHeader(NOT_NEEDED)
  @ApiResponse({ status: ACCEPTED, type: VerificationView, description: 'Begun; GET /v1/operations tells how far it is.' })
  verify(
    @Body() { tenant }: VerificationBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<VerificationView> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    return this.verifications.begin(tenant);
  }
}
