// Statement, its words: one ledger event in, what a person reads of it out. What concerns nobody's money is left out: calls that cost
// nothing by their nature, holds for calls in progress, and who holds which licence.

import type { LedgerEvent, LedgerEventOf, LedgerEventType } from '@tollkeeper/ledger';

export type Words = { readonly what: string; readonly detail: string };

type Say<Type extends LedgerEventType> = (data: LedgerEventOf<Type>['data']) => Words;

/** Undefined for events that a statement leaves out. Every type stands here, so that a new one has to be thought of. */
const WORDS: { readonly [Type in LedgerEventType]: Say<Type> | undefined } = {
  'AccountOpened.v1': ({ currency, plan }) => said('account opened', `in ${currency}, plan ${plan}`),
  'AlertThresholdSet.v1': ({ threshold }) =>
    said('alert threshold set', threshold === null ? 'no alert any more' : `below ${threshold}`),
  'AutoRechargeResumed.v1': ({ author }) => said('auto-recharge resumed', `by ${author}`),
  'AutoRechargeSet.v1': ({ policy }) => said('auto-recharge set', policy === null ? 'no recharge any more' : policyText(policy)),
  'BurstDetected.v1': ({ cause, spent, limit, hour }) =>
    said('spending alarm', `${spent} ${cause === 'spending' ? 'spent' : 'asked for'} in the hour from ${hour}, limit ${limit}`),
  'CallDebited.v1': (data) => said(data.replaces === null ? 'call' : 'call debited again', callText(data)),
  'CallNotBillable.v1': undefined,
  'CallReversed.v1': ({ cdr, author, reversedRevision, reason }) =>
    said('call reversed', `CDR ${cdr.id} of ${cdr.source}, debited at revision ${reversedRevision}; ${reason} by ${author}`),
  'CreditAdjusted.v1': ({ adjustmentId, author, direction, reason }) =>
    said(direction === 'credit' ? 'credit given' : 'credit taken', `${reason}; by ${author}, ${adjustmentId}`),
  'CreditPurchased.v1': ({ lot, origin, overdraftRepaid }) => {
    const by =
      origin.kind === 'invoice' ? `invoice ${origin.reference}` : `recharge ${origin.rechargeId}, ${origin.paymentReference}`;
    const repaid = overdraftRepaid === '0' ? '' : `, ${overdraftRepaid} repaid overdraft`;
    return said('credit purchased', `${by}${repaid}${lot === null ? '' : `, expires ${lot.expiresAt.slice(0, 10)}`}`);
  },
  'DialOutPolicySet.v1': undefined,
  'LicencesAssigned.v1': undefined,
  'LotExpired.v1': ({ lotId, effectiveAt }) => said('credit expired', `${lotId}, due ${effectiveAt}`),
  'LotExpiryWarned.v1': ({ amount, expiresAt, lotId }) =>
    said('credit about to expire', `${amount} of ${lotId} on ${expiresAt.slice(0, 10)}`),
  'PaymentAttempted.v1': undefined,
  'PaymentDeclined.v1': ({ code, rechargeId, retryAt }) =>
    said('payment declined', `${code}; recharge ${rechargeId}, tried again from ${retryAt}`),
  'PeriodClosed.v1': ({ month, opening, purchased, debited, callsDebited }) =>
    said('month closed', `${month}: opened at ${opening}, ${purchased} purchased, ${debited} debited for ${callsDebited} calls`),
  'PlanChanged.v1': ({ plan, from }) => said('plan changed', `${plan} for calls from ${from}`),
  'PurchaseRefunded.v1': ({ author, cause, purchaseId, reason }) =>
    said(cause === 'dispute' ? 'dispute lost' : 'purchase refunded', `${purchaseId}: ${reason}; by ${author}`),
  'RechargeFailed.v1': ({ autoRechargeSuspended, code, rechargeId }) =>
    said('recharge failed', `${code}; ${rechargeId}${autoRechargeSuspended ? '; auto-recharge is suspended' : ''}`),
  'RechargeRequested.v1': ({ amount, cause, rechargeId }) =>
    said('recharge asked for', `${amount}, ${cause === 'auto' ? 'by policy' : 'by hand'}; ${rechargeId}`),
  'RechargeSucceeded.v1': ({ amount, paymentReference, rechargeId }) =>
    said('recharge paid', `${amount}, ${paymentReference}; ${rechargeId}`),
  'RecipientsSet.v1': undefined,
  'ReservationExpired.v1': undefined,
  'ReservationExtended.v1': undefined,
  'ReservationMade.v1': undefined,
  'ReservationTerminated.v1': undefined,
  'TermsSet.v1': ({ terms }) => said('terms set', `licensing ${terms.licensing}, credit lasts ${terms.lotTermMonths} months`),
};

export function wordsOf({ type, data }: LedgerEvent): Words | undefined {
  // The table's type pairs each name with its own data, which a union of pairs cannot show the compiler.
  const say = WORDS[type] as ((data: LedgerEvent['data']) => Words) | undefined;
  return say?.(data);
}

function said(what: string, detail: string): Words {
  return { what, detail };
}

type Policy = NonNullable<LedgerEventOf<'AutoRechargeSet.v1'>['data']['policy']>;

function policyText({ amount, target, trigger }: Policy): string {
  return `${amount} below ${trigger}${target === null || target === undefined ? '' : `, up to ${target}`}`;
}

/** Without the numbers, which are sealed. */
function callText({ cdr, charge, coverage = 'credit', unauthorised }: LedgerEventOf<'CallDebited.v1'>['data']): string {
  const { destination } = charge as { readonly destination?: string };
  const marks = [coverage === 'credit' ? '' : `, paid by ${coverage}`, unauthorised === null ? '' : `, marked ${unauthorised}`];
  return `${destination ?? 'unknown destination'}, ${cdr.usageMs / 1000} s, CDR ${cdr.id} of ${cdr.source}${marks.join('')}`;
}
