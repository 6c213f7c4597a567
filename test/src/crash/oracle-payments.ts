// Crash test's judge of recharges: streams and the gateway's own list of payments come in; recharges that are missing, doubled or
// left open, and money that was taken twice or never credited, go out.

import { Decimal } from 'decimal.js';
import { streamsOf } from './oracle-ledger.js';
import type { Finding, Observed, SeenPayment, StoredEvent } from './observed.js';

type Recharge = {
  readonly tenant: string;
  readonly amount: string;
  readonly cause: string | undefined;
  status: 'open' | 'attempted' | 'waiting' | 'succeeded' | 'failed';
  paymentReference?: string | undefined;
  credits: number;
};

export function auditPayments({ events, payments }: Observed): readonly Finding[] {
  const findings: Finding[] = [];
  const recharges = new Map<string, Recharge>();
  for (const [stream, own] of streamsOf(events)) findings.push(...auditRecharges(stream, own, recharges));
  const paid = new Map<string, SeenPayment[]>();
  for (const payment of payments) {
    if (payment.status === 'paid') paid.set(payment.rechargeId, [...(paid.get(payment.rechargeId) ?? []), payment]);
  }
  for (const [rechargeId, taken] of paid) {
    if (taken.length > 1)
      findings.push({ kind: 'second-payment', what: `${rechargeId}: ${taken.map(({ key }) => key).join(', ')}` });
    const recharge = recharges.get(rechargeId);
    const [payment] = taken;
    if (payment === undefined) continue;
    if (recharge?.paymentReference !== payment.paymentReference || recharge?.credits !== 1) {
      const seen = `the stream has ${recharge?.status ?? 'nothing'} by ${recharge?.paymentReference}, credited ${recharge?.credits ?? 0} times`;
      findings.push({ kind: 'not-credited', what: `payment ${payment.key} (${payment.paymentReference}): ${seen}` });
    } else if (recharge.tenant !== payment.tenant || !new Decimal(recharge.amount).eq(payment.amount)) {
      findings.push({ kind: 'not-credited', what: `payment ${payment.key} took ${payment.amount} of ${payment.tenant}` });
    }
  }
  for (const [rechargeId, { status, credits }] of recharges) {
    const isPaid = paid.has(rechargeId);
    if (status === 'succeeded' && !isPaid)
      findings.push({ kind: 'not-credited', what: `${rechargeId} was credited and never paid` });
    if (credits > 1) findings.push({ kind: 'double', what: `${rechargeId} was credited ${credits} times` });
    if (status === 'open' || status === 'attempted')
      findings.push({ kind: 'recharge', what: `${rechargeId} was left ${status}` });
  }
  return findings;
}

/** Walks a stream: one automatic recharge open at most, asked for only below the trigger, and none missing at the end. */
function auditRecharges(stream: string, events: readonly StoredEvent[], recharges: Map<string, Recharge>): readonly Finding[] {
  const findings: Finding[] = [];
  const own = new Map<string, Recharge>();
  let policy: StoredEvent['data']['policy'] = null;
  let suspended = false;
  let available = new Decimal(0);
  const openOnes = (): Recharge[] => [...own.values()].filter(({ status }) => status !== 'succeeded' && status !== 'failed');
  const isDue = (): boolean => {
    if (policy === null || policy === undefined || suspended || openOnes().some(({ cause }) => cause === 'auto')) return false;
    return openOnes()
      .reduce((sum, { amount }) => sum.add(amount), available)
      .lt(policy.trigger);
  };
  for (const { type, data, revision } of events) {
    const place = `${stream}@${revision}`;
    if (type === 'RechargeRequested.v1') {
      if (recharges.has(data.rechargeId ?? ''))
        findings.push({ kind: 'recharge', what: `${place}: ${data.rechargeId} was requested before` });
      if (data.cause === 'auto' && !isDue())
        findings.push({ kind: 'recharge', what: `${place} was requested when none was due` });
      const requested: Recharge = {
        tenant: data.tenant,
        amount: data.amount ?? '0',
        cause: data.cause,
        status: 'open',
        credits: 0,
      };
      own.set(data.rechargeId ?? '', requested);
      recharges.set(data.rechargeId ?? '', requested);
    }
    const recharge = own.get(data.rechargeId ?? data.origin?.rechargeId ?? '');
    if (recharge !== undefined) follow(recharge, type, data);
    if (type === 'AutoRechargeSet.v1') policy = data.policy;
    if (type === 'AutoRechargeSet.v1') suspended = false;
    if (data.autoRechargeSuspended === true) suspended = true;
    available = new Decimal(data.available);
  }
  if (isDue()) findings.push({ kind: 'recharge', what: `${stream} ends below its trigger with no recharge requested` });
  return findings;
}

function follow(recharge: Recharge, type: string, data: StoredEvent['data']): void {
  if (type === 'PaymentAttempted.v1') recharge.status = 'attempted';
  if (type === 'PaymentDeclined.v1') recharge.status = 'waiting';
  if (type === 'RechargeFailed.v1') recharge.status = 'failed';
  if (type === 'CreditPurchased.v1') recharge.credits += 1;
  if (type === 'RechargeSucceeded.v1') {
    recharge.status = 'succeeded';
    recharge.paymentReference = data.paymentReference;
  }
}
