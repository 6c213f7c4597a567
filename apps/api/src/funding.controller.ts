// HTTP, money coming in: purchases by invoice or card, and the two settings that watch the balance.

import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Account } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import type { RechargeRow } from '@tollkeeper/projections';
import type { FastifyReply } from 'fastify';
import { Accounts } from './accounts.js';
import { PurchaseAnswer, PurchaseView, WriteAnswer } from './answers.js';
import { Balances } from './balances.js';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf, requiredIdempotencyKey } from './idempotency.js';
import { problem, refusedByLedger } from './problem.js';
import { AlertThresholdBody, AutoRechargeBody, PurchaseBody, PurchasePath, TenantPath } from './requests.js';

@ApiTags('funding')
@Controller('v1/tenants/:tenant')
export class FundingController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Balances) private readonly balances: Balances,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
  ) {}

  @Post('purchases')
  @ApiOperation({ summary: 'Buys credit. The Idempotency-Key is the id of the purchase, for ever.' })
  @ApiHeader({ ...IDEMPOTENCY_HEADER, required: true })
  @ApiResponse({ status: 201, type: PurchaseAnswer, description: 'Bought by invoice and credited.' })
  @ApiResponse({
    status: 202,
    type: PurchaseAnswer,
    description: 'To be paid by card first, then credited; Location tells where to follow it.',
  })
  @ApiOkResponse({ type: PurchaseAnswer, description: 'The invoice was credited before.' })
  async purchase(
    @Param() { tenant }: TenantPath,
    @Body() { amount, method, reference = '' }: PurchaseBody,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseAnswer> {
    const purchaseId = requiredIdempotencyKey(header);
    const rechargeId = rechargeIdOf(tenant, purchaseId);
    const amountMicros = microsOf(amount);
    await this.refuseOtherMethod(tenant, purchaseId, method);
    const answer = await this.accounts.execute(
      tenant,
      method === 'invoice'
        ? { kind: 'purchase-credit', purchaseId, amountMicros, origin: { kind: 'invoice', reference } }
        : { kind: 'request-recharge', rechargeId, amountMicros },
    );
    if (method === 'invoice') {
      void reply.status(answer.changed ? 201 : 200);
      return { ...answer, purchaseId, status: 'credited' };
    }
    void reply.status(202).header('location', `/v1/tenants/${tenant}/purchases/${purchaseId}`);
    return { ...answer, purchaseId, status: 'requested' };
  }

  @Get('purchases/:id')
  @ApiOperation({ summary: 'What has become of a purchase.' })
  @ApiOkResponse({ type: PurchaseView })
  async purchaseStatus(@Param() { tenant, id }: PurchasePath): Promise<PurchaseView> {
    const row = await this.balances.recharge(tenant, rechargeIdOf(tenant, id));
    if (row === undefined) {
      const detail = `Purchase ${id} of ${tenant} was not asked of a card, or the read model has not come so far; invoices are credited at once.`;
      throw problem('purchase-unknown', detail);
    }
    return viewOf(row, id);
  }

  @Put('auto-recharge')
  @ApiOperation({ summary: 'Asks for a recharge whenever credit falls below the trigger; also resumes after failed payments.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  setAutoRecharge(
    @Param() { tenant }: TenantPath,
    @Body() { trigger, amount }: AutoRechargeBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const policy = { triggerMicros: microsOf(trigger), amountMicros: microsOf(amount) };
    const request = {
      amount: decimalOf(policy.amountMicros),
      trigger: decimalOf(policy.triggerMicros),
      write: 'set-auto-recharge',
    };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'set-auto-recharge', policy }),
    );
  }

  @Delete('auto-recharge')
  @HttpCode(200)
  @ApiOperation({ summary: 'No more automatic recharges; one under way is finished.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  endAutoRecharge(@Param() { tenant }: TenantPath, @Headers('idempotency-key') header: string | undefined): Promise<WriteAnswer> {
    return this.keys.once(tenant, idempotencyKeyOf(header), { write: 'end-auto-recharge' }, () =>
      this.accounts.execute(tenant, { kind: 'set-auto-recharge', policy: null }),
    );
  }

  @Put('alert-threshold')
  @ApiOperation({ summary: 'Raises an alert each time the balance falls below the threshold.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  setAlertThreshold(
    @Param() { tenant }: TenantPath,
    @Body() { threshold }: AlertThresholdBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const thresholdMicros = microsOf(threshold);
    const request = { threshold: decimalOf(thresholdMicros), write: 'set-alert-threshold' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, () =>
      this.accounts.execute(tenant, { kind: 'set-alert-threshold', thresholdMicros }),
    );
  }

  @Delete('alert-threshold')
  @HttpCode(200)
  @ApiOperation({ summary: 'No more alerts.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  endAlerts(@Param() { tenant }: TenantPath, @Headers('idempotency-key') header: string | undefined): Promise<WriteAnswer> {
    return this.keys.once(tenant, idempotencyKeyOf(header), { write: 'end-alerts' }, () =>
      this.accounts.execute(tenant, { kind: 'set-alert-threshold', thresholdMicros: null }),
    );
  }

  /** The ledger tells a repeat from other content within a method; a key that went to the other method is told here. */
  private async refuseOtherMethod(tenant: string, purchaseId: string, method: PurchaseBody['method']): Promise<void> {
    const other = await this.accounts.query(tenant, (account: Account) =>
      method === 'card' ? account.purchases.has(purchaseId) : account.recharges.has(rechargeIdOf(tenant, purchaseId)),
    );
    if (!other) return;
    const reason = `purchase ${purchaseId} was made by ${method === 'card' ? 'invoice' : 'card'}; use a new Idempotency-Key`;
    throw refusedByLedger({ code: 'purchase-exists-with-different-content', reason });
  }
}

/**
 * Recharge ids are the gateway's idempotency keys, so they must be unique among all tenants; and no tenant's name holds a
 * colon, so none is ever that of an automatic recharge.
 */
function rechargeIdOf(tenant: string, purchaseId: string): string {
  return `${tenant}:${purchaseId}`;
}

function viewOf(row: RechargeRow, purchaseId: string): PurchaseView {
  return {
    tenant: row.tenant,
    purchaseId,
    status: row.status,
    amount: row.amount,
    currency: row.currency,
    attempts: row.attempts,
    lastCode: row.last_code,
    retryAt: row.retry_at,
    paymentReference: row.payment_reference,
    requestedAt: row.requested_at,
    revision: row.revision,
  };
}
