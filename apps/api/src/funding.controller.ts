// HTTP, money coming in: purchases by invoice or card, and the two settings that watch the balance.

import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Account, AutoRecharge, PurchaseCredit } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import type { RechargeRow } from '@tollkeeper/projections';
import type { FastifyReply } from 'fastify';
import { Accounts } from './accounts.js';
import { PurchaseAnswer, PurchaseView, WriteAnswer } from './answers.js';
import { Balances } from './balances.js';
import { IDEMPOTENCY_HEADER, IdempotencyKeys, idempotencyKeyOf, requiredIdempotencyKey } from './idempotency.js';
import { AuthorBody } from './adjustment-requests.js';
import { OPERATOR, Operator } from './operator.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { problem, refusedByLedger } from './problem.js';
import { rechargeIdOf, refuseRechargeIds } from './purchase-ids.js';
import { AlertThresholdBody, AutoRechargeBody, PurchaseBody, PurchasePath, TenantPath } from './requests.js';

@ApiTags('funding')
@Controller('v1/tenants/:tenant')
export class FundingController {
  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Balances) private readonly balances: Balances,
    @Inject(IdempotencyKeys) private readonly keys: IdempotencyKeys,
    @Inject(Operator) private readonly operator: Operator,
  ) {}

  @Post('purchases')
  @ApiOperation({
    summary: 'Buys credit; by invoice, it needs the operator. The Idempotency-Key is the id of the purchase, for ever.',
  })
  @ApiBearerAuth(OPERATOR)
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
    @Body() body: PurchaseBody,
    @Headers('idempotency-key') header: string | undefined,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PurchaseAnswer> {
    const { amount, method } = body;
    if (method === 'invoice') this.operator.require(authorization);
    const purchaseId = requiredIdempotencyKey(header);
    if (method === 'invoice') refuseRechargeIds(tenant, purchaseId);
    const rechargeId = rechargeIdOf(tenant, purchaseId);
    const sum = { amountMicros: microsOf(amount), ...(await this.minimum(tenant)) };
    await this.refuseOtherUse(tenant, purchaseId, method);
    const answer = await this.accounts.execute(
      tenant,
      method === 'invoice'
        ? { kind: 'purchase-credit', purchaseId, ...sum, origin: originOf(body) }
        : { kind: 'request-recharge', rechargeId, ...sum },
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
    @Body() body: AutoRechargeBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    const policy = policyOf(body);
    const amounts = Object.entries(policy).map(([name, micros]) => [name, micros === null ? null : decimalOf(micros)]);
    const request = { policy: Object.fromEntries(amounts) as Record<string, string | null>, write: 'set-auto-recharge' };
    return this.keys.once(tenant, idempotencyKeyOf(header), request, async () =>
      this.accounts.execute(tenant, { kind: 'set-auto-recharge', policy, ...(await this.minimum(tenant)) }),
    );
  }

  @Post('auto-recharge/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends the suspension that failed payments brought, and any wait after one.' })
  @ApiHeader(IDEMPOTENCY_HEADER)
  @ApiOkResponse({ type: WriteAnswer })
  resumeAutoRecharge(
    @Param() { tenant }: TenantPath,
    @Body() { author }: AuthorBody,
    @Headers('idempotency-key') header: string | undefined,
  ): Promise<WriteAnswer> {
    return this.keys.once(tenant, idempotencyKeyOf(header), { author, write: 'resume-auto-recharge' }, () =>
      this.accounts.execute(tenant, { kind: 'resume-auto-recharge', author }),
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

  /** The least that is sold in the account's currency. */
  private async minimum(tenant: string): Promise<{ readonly minimumMicros?: bigint }> {
    const currency = await this.accounts.query(tenant, (account) => account.currency);
    const minimumMicros = this.parts.options.minimumPurchase.get(currency);
    return minimumMicros === undefined ? {} : { minimumMicros };
  }

  /** The ledger tells a repeat from other content within a method; a key that went to something else is told here. */
  private async refuseOtherUse(tenant: string, purchaseId: string, method: PurchaseBody['method']): Promise<void> {
    const other = await this.accounts.query(tenant, ({ purchases, recharges, adjustments }: Account) => {
      if (method === 'card') return purchases.has(purchaseId) ? 'a purchase by invoice' : undefined;
      if (recharges.has(rechargeIdOf(tenant, purchaseId))) return 'a purchase by card';
      return adjustments.has(purchaseId) ? 'an adjustment or refund' : undefined;
    });
    if (other === undefined) return;
    const reason = `${purchaseId} was ${other}; use a new Idempotency-Key`;
    throw refusedByLedger({ code: 'purchase-exists-with-different-content', reason });
  }
}

/** Keys in canonical order, as an event holds them. */
function originOf({ reference = '', purchaseOrder, enterpriseAgreement }: PurchaseBody): PurchaseCredit['origin'] {
  return {
    ...(enterpriseAgreement === undefined ? {} : { enterpriseAgreement }),
    kind: 'invoice',
    ...(purchaseOrder === undefined ? {} : { purchaseOrder }),
    reference,
  };
}

function policyOf({ trigger, amount, target, maxPerHour, maxPerMonth }: AutoRechargeBody): AutoRecharge {
  const microsOrNone = (text: string | null | undefined): bigint | null => (text == null ? null : microsOf(text));
  return {
    triggerMicros: microsOf(trigger),
    amountMicros: microsOf(amount),
    targetMicros: microsOrNone(target),
    maxPerHourMicros: microsOrNone(maxPerHour),
    maxPerMonthMicros: microsOrNone(maxPerMonth),
  };
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
