// HTTP, money that the operator moves: adjustments, refunds and lost disputes. The Idempotency-Key is the id in the ledger, for ever.

import { Body, Controller, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { microsOf } from '@tollkeeper/money';
import type { FastifyReply } from 'fastify';
import { Accounts } from './accounts.js';
import { AdjustmentBody, RefundBody } from './adjustment-requests.js';
import { AdjustmentAnswer, RefundAnswer } from './answers.js';
import { IDEMPOTENCY_HEADER, requiredIdempotencyKey } from './idempotency.js';
import { OPERATOR, Operator } from './operator.js';
import { refusedByLedger } from './problem.js';
import { ledgerPurchaseId, refuseRechargeIds } from './purchase-ids.js';
import { PurchasePath, TenantPath } from './requests.js';

@ApiTags('funding')
@ApiBearerAuth(OPERATOR)
@Controller('v1/tenants/:tenant')
export class AdjustmentsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Post('adjustments')
  @ApiOperation({ summary: 'Gives or takes credit outside of purchases and calls. Needs the operator.' })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, required: true })
  @ApiResponse({ status: 201, type: AdjustmentAnswer, description: 'Recorded.' })
  @ApiOkResponse({ type: AdjustmentAnswer, description: 'It was recorded before.' })
  async adjust(
    @Param() { tenant }: TenantPath,
    @Body() { direction, amount, author, reason }: AdjustmentBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AdjustmentAnswer> {
    this.operator.require(authorization);
    const adjustmentId = requiredIdempotencyKey(header);
    refuseRechargeIds(tenant, adjustmentId);
    // Its credit is a lot of that name, as a purchase's is.
    if (await this.accounts.query(tenant, ({ purchases }) => purchases.has(adjustmentId))) {
      const taken = `${adjustmentId} is a purchase; use a new Idempotency-Key`;
      throw refusedByLedger({ code: 'adjustment-exists-with-different-content', reason: taken });
    }
    const amountMicros = microsOf(amount);
    const command = { kind: 'adjust-credit', adjustmentId, direction, amountMicros, author, reason } as const;
    const answer = await this.accounts.execute(tenant, command);
    void reply.status(answer.changed ? 201 : 200);
    return { ...answer, adjustmentId };
  }

  @Post('purchases/:id/refunds')
  @ApiOperation({
    summary: 'Takes back what a purchase credited, all or a part: given back, or lost in a dispute. Needs the operator.',
  })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, required: true })
  @ApiResponse({ status: 201, type: RefundAnswer, description: 'Recorded; the money itself is given back where it was paid.' })
  @ApiOkResponse({ type: RefundAnswer, description: 'It was recorded before.' })
  async refund(
    @Param() { tenant, id }: PurchasePath,
    @Body() { amount, cause, author, reason }: RefundBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RefundAnswer> {
    this.operator.require(authorization);
    const refundId = requiredIdempotencyKey(header);
    const purchaseId = await this.accounts.opened(tenant, (account) => ledgerPurchaseId(account, id));
    const amountMicros = microsOf(amount);
    const command = { kind: 'refund-purchase', refundId, purchaseId, amountMicros, cause, author, reason } as const;
    const answer = await this.accounts.execute(tenant, command);
    void reply.status(answer.changed ? 201 : 200);
    return { ...answer, refundId, purchaseId: id };
  }
}
