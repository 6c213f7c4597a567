// Explanation's words: what happened to a call, in sentences, from its event alone.

import type { ChargeRecord } from '@tollkeeper/charge';
import type { CallDebited, CallRefusalCode, LedgerEventOf } from '@tollkeeper/ledger';
import { TENANT_FIELD_RULE } from '@tollkeeper/rating';
import type { RecordedCall } from './call-history.js';

const REFUSALS: Readonly<Record<CallRefusalCode, string>> = {
  POLICY: 'the dial-out policy of the user or the tenant does not allow the destination',
  UNSUPPORTED_DESTINATION: 'the destination is not served, or no rate deck has a price for it',
  NOT_AVAILABLE_IN_COUNTRY: 'credit cannot be used in the country of the user, or of the organisation',
  NO_LICENCE: 'the user holds no licence that lets the credit pay',
  NO_CREDIT: 'what was available did not pay for one increment',
};

const NOT_BILLABLE: Readonly<Record<string, string>> = {
  unanswered: 'it was never answered',
  'a-leg': 'it is the incoming leg of a call whose outgoing leg bills',
  'b-leg': 'it is the outgoing leg of a call whose incoming leg bills',
  'internal-leg': 'it is a leg inside the switch, or between two of its extensions',
};

export function summaryOf({ event }: RecordedCall): readonly string[] {
  return event.type === 'CallDebited.v1' ? debited(event.data) : notBillable(event);
}

function notBillable({ data: { cdr, reason } }: LedgerEventOf<'CallNotBillable.v1'>): readonly string[] {
  return [`CDR ${cdr.id} of source ${cdr.source} debits nothing: ${NOT_BILLABLE[reason] ?? reason}.`];
}

function debited(debit: CallDebited): readonly string[] {
  const { cdr, charge: unchecked, amount, currency, unauthorised, replaces, overdraft } = debit;
  const charge = unchecked as unknown as ChargeRecord;
  const sentences = [`${cdr.usageMs / 1000} s to ${charge.destination}: ${amount} ${currency} debited.`, payerOf(debit, charge)];
  if (isCapped(charge)) sentences.push(`Its maximum cost, ${charge.maxCost?.amount}, stands in place of ${charge.gross}.`);
  if (overdraft !== '0')
    sentences.push(`The lots did not last: ${overdraft} of it is overdraft, since a call that has happened is never refused.`);
  if (unauthorised !== null) {
    sentences.push(
      `An authorisation would have refused it, ${unauthorised}: ${REFUSALS[unauthorised]}. It has taken place, so it is debited all the same.`,
    );
  }
  if (replaces !== null)
    sentences.push(`It was rated again: this debit replaces the one at revision ${replaces}, which was reversed.`);
  return sentences;
}

function payerOf({ coverage = 'credit', pool, rest, lots }: CallDebited, charge: ChargeRecord): string {
  if (coverage === 'emergency' || charge.category === 'emergency') return 'Emergency calls are free.';
  if (coverage === 'unlimited') return 'The unlimited dial-out add-on pays.';
  if (charge.rows.length === 0) return 'No row of the deck has a price for it, and it was given free by setting (FREECALL).';
  if (coverage === 'pool') {
    if (pool === null) return 'Included minutes pay for it; as it lasted no time, it used none.';
    const used = `Included minutes of ${pool.pool} pay ${pool.usedMs / 1000} s in ${pool.month} (${pool.meter}); ${pool.remainingMs / 1000} s are left of ${pool.capMs / 1000} s.`;
    return rest ? `${used} The credit pays what they left, from second ${rest.fromSecond} on.` : used;
  }
  if (charge.usageMs === 0) return 'It was answered and lasted no time, which costs nothing.';
  return lots.length > 0 || charge.amount !== '0' ? 'The credit pays.' : 'Its price is zero.';
}

function isCapped({ maxCost, gross, amount }: ChargeRecord): boolean {
  return maxCost !== null && maxCost.amount === amount && gross !== amount;
}

export function tenantRuleText(rule: string): string {
  if (rule === TENANT_FIELD_RULE) return `${rule}: the record names the tenant, and the source is trusted to`;
  return rule === '' ? 'none' : rule;
}
