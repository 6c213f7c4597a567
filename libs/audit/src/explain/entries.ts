// Explanation's end: the event as it is stored in, what does not agree with itself in it out: who paid, the posting, the balances, the
// hash that binds it to its predecessor.

import { hashOfEvent, idOfHash, type CallDebited } from '@tollkeeper/ledger';
import type { CallHistory } from './call-history.js';
import { isSame, plus, rational, textOf, times, ZERO } from './rational.js';

export function faultsOfEntries({ call, balanceBefore }: CallHistory): readonly string[] {
  const { event } = call;
  return [
    ...(event.type === 'CallDebited.v1' ? faultsOfPayment(event.data) : []),
    ...faultsOfBalance(balanceBefore, event.type === 'CallDebited.v1' ? event.data.amount : '0', event.data.balance),
    ...faultsOfHash(call),
  ];
}

function faultsOfPayment({ amount, lots, overdraft, posting }: CallDebited): readonly string[] {
  const faults: string[] = [];
  const owed = rational(amount);
  const paid = lots.reduce((sum, lot) => plus(sum, rational(lot.amount)), rational(overdraft));
  if (!isSame(paid, owed)) faults.push(`lots and overdraft pay ${textOf(paid)}, and ${amount} was debited`);
  if (posting === null) {
    if (!isSame(owed, ZERO)) faults.push(`${amount} was debited without a posting`);
  } else if (!isSame(rational(posting.amount), owed))
    faults.push(`the posting is of ${posting.amount}, and ${amount} was debited`);
  return faults;
}

function faultsOfBalance(before: string, amount: string, after: string): readonly string[] {
  const expected = plus(rational(before), times(rational(amount), rational('-1')));
  if (isSame(expected, rational(after))) return [];
  return [`the balance before was ${before}; less ${amount} it is ${textOf(expected)}, and ${after} is recorded`];
}

function faultsOfHash({ stored }: CallHistory['call']): readonly string[] {
  const { hash, previousHash } = stored.metadata;
  const expected = hashOfEvent(stored, String(previousHash));
  if (hash !== expected) return [`the event's content has the hash ${expected}, and ${String(hash)} is recorded: it was altered`];
  return idOfHash(expected) === stored.id ? [] : [`the event's id ${stored.id} is not the one that its hash makes`];
}
