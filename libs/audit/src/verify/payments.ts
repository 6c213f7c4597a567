// Proof of the payments: the recharges that the ledger says were paid, and the gateway's own list, come in; every payment that only
// one of the two knows, or that they know differently, goes out.

import { decimalOf, parseMicros } from '@tollkeeper/money';
import type { ListedPayment, PaymentList } from '@tollkeeper/payment-gateway';
import { streamOf } from '@tollkeeper/ledger';
import { Line } from './findings.js';
import type { LedgerPayment, RechargesCheck } from './recharges.js';

/** A payment that was just taken may not stand in the ledger yet; the payment step asks again within this time. */
export const PAYMENT_GRACE_MS = 10 * 60_000;

export type PaymentsOptions = { readonly tenant?: string | undefined; readonly nowMs: number; readonly signal: AbortSignal };

/** Asks after the ledger was read, so that whatever the ledger has is there. @throws GatewayError when there is no list. */
export async function comparePayments(
  recharges: RechargesCheck,
  gateway: PaymentList,
  { tenant, nowMs, signal }: PaymentsOptions,
): Promise<Line> {
  const line = new Line('payments', 'Look the payment up at the gateway; refund there what was taken twice or for nothing.');
  line.checked = recharges.payments.size;
  const found = new Set<string>();
  for await (const page of gateway.list(signal)) {
    for (const payment of page) {
      if (payment.status !== 'paid' || (tenant !== undefined && payment.tenant !== tenant)) continue;
      const reference = payment.reference ?? '';
      const known = recharges.payments.get(reference);
      if (known === undefined) onlyAtGateway(line, recharges, payment, nowMs);
      else {
        const faults = faultsOf(known, payment);
        if (found.has(reference)) faults.push('the gateway lists it twice');
        if (faults.length > 0) line.differs(known, `payment ${reference}: ${faults.join('; ')}`);
        found.add(reference);
      }
    }
  }
  for (const [reference, payment] of recharges.payments) {
    if (!found.has(reference))
      line.differs(payment, `payment ${reference} of recharge ${payment.rechargeId} is not among the paid ones of the gateway`);
  }
  return line;
}

function onlyAtGateway(
  line: Line,
  recharges: RechargesCheck,
  { tenant, rechargeId, amount, currency, reference, createdAt }: ListedPayment,
  nowMs: number,
): void {
  const stream = streamOf(tenant);
  const status = recharges.statusOf(stream, rechargeId);
  const what = `payment ${String(reference)} of ${amount} ${currency}`;
  if (status === 'open') {
    line.remark(`${what}: recharge ${rechargeId} of tenant ${tenant} is open; the payment step will find it`);
    return;
  }
  // Without a time it counts as old.
  if (createdAt !== null && Date.parse(createdAt) > nowMs - PAYMENT_GRACE_MS) return;
  line.checked += 1;
  const stands =
    status === undefined ? 'the ledger knows no such recharge' : `the ledger has recharge ${rechargeId} as ${status}`;
  const other = status === 'succeeded' ? ' with another payment' : '';
  line.differs({ stream, revision: null }, `the gateway took ${what} for recharge ${rechargeId}, and ${stands}${other}`);
}

function faultsOf(known: LedgerPayment, { tenant, rechargeId, amount, currency }: ListedPayment): string[] {
  const faults: string[] = [];
  if (streamOf(tenant) !== known.stream) faults.push(`the gateway has it for tenant ${tenant}`);
  if (rechargeId !== known.rechargeId)
    faults.push(`the gateway has it for recharge ${rechargeId}, the ledger for ${known.rechargeId}`);
  if (parseMicros(amount) !== known.amount || currency !== known.currency)
    faults.push(`the gateway took ${amount} ${currency}, the ledger has ${decimalOf(known.amount)} ${known.currency}`);
  return faults;
}
