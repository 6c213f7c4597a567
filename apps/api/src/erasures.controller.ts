// HTTP, erasing: the persons of a tenant's calls before a month are forgotten for good; sums and their proof stay.

import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { erase, type Erased } from '@tollkeeper/operations';
import { IDEMPOTENCY_HEADER, idempotencyKeyOf } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { problem, refusedByLedger } from './problem.js';
import { ReadModelStore } from './read-model-store.js';
import { TenantPath } from './requests.js';
import { ErasureBody } from './upkeep-requests.js';

class ErasureAnswer implements Erased {
  @ApiProperty({ type: String }) readonly tenant!: string;
  @ApiProperty({ type: String, example: '2026-04' }) readonly before!: string;
  @ApiProperty({ type: 'integer', description: 'One a month; none when it was done before.' }) readonly keysDestroyed!: number;
  @ApiProperty({ type: 'integer', description: 'Of the read models.' }) readonly rowsCleared!: number;
  @ApiProperty({ type: Object, description: 'Where persons of these calls still stand.' }) readonly remains!: Erased['remains'];
}

@ApiTags('operations')
@ApiBearerAuth(OPERATOR)
@Controller('v1/tenants/:tenant/erasures')
export class ErasuresController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(ReadModelStore) private readonly store: ReadModelStore,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Forgets the persons of calls before a month: destroys the keys that seal them, clears read models. Needs the operator.',
  })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, description: 'Accepted and not needed: what is erased stays so.' })
  @ApiOkResponse({ type: ErasureAnswer })
  async erase(
    @Param() { tenant }: TenantPath,
    @Body() { before, author }: ErasureBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<ErasureAnswer> {
    this.operator.require(authorization);
    idempotencyKeyOf(header);
    const { eventStore, ring, bus, options } = this.parts;
    const { cdrTopic: cdr, deadLetterTopic: deadLetters, parkedTopic: parked, nowMs } = options;
    const engines = async () => ({ ring, bus, readStore: await this.store.ready() });
    const parts = { eventStore, engines, topics: { cdr, deadLetters, parked } };
    const erased = await erase(parts, { tenant, before, author }, nowMs());
    if (!('code' in erased)) return erased;
    const { code, reason } = erased;
    throw code === 'account-not-open' ? refusedByLedger({ code, reason }) : problem(code, `${reason}.`);
  }
}
