// Proof that nothing was made or lost: the books of all tenants come in; per currency, debits less credits of all accounts must be
// zero, and the tenants' account must be what their balances add up to.

import { decimalOf } from '@tollkeeper/money';
import type { BooksCheck } from './books.js';
import { Line } from './findings.js';

export type TrialBalance = {
  readonly currency: string;
  readonly account: string;
  readonly debit: string;
  readonly credit: string;
};

export function trialBalance({ books, accounts, postings }: BooksCheck): {
  readonly line: Line;
  readonly rows: readonly TrialBalance[];
} {
  const line = new Line(
    'trial balance',
    'See which postings of the tenant do not move its balance: tollkeeper verify --tenant T',
  );
  line.checked = postings;
  const balances = new Map<string, bigint>();
  for (const [stream, { balance, currency, posted }] of books) {
    balances.set(currency, (balances.get(currency) ?? 0n) + balance);
    if (posted === balance) continue;
    const found = `its postings on tenant-credit come to ${decimalOf(posted)} ${currency}, its balance is ${decimalOf(balance)}`;
    line.differs({ stream, revision: null }, found);
  }
  const rows: TrialBalance[] = [];
  for (const [currency, byAccount] of accounts) {
    let total = 0n;
    for (const [account, debits] of [...byAccount].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
      total += debits;
      const [debit, credit] = debits > 0n ? [debits, 0n] : [0n, -debits];
      rows.push({ currency, account, debit: decimalOf(debit), credit: decimalOf(credit) });
    }
    const everywhere = { stream: '', revision: null };
    if (total !== 0n) line.differs(everywhere, `debits exceed credits by ${decimalOf(total)} ${currency}`);
    const [owed, held] = [-(byAccount.get('tenant-credit') ?? 0n), balances.get(currency) ?? 0n];
    if (owed !== held)
      line.differs(
        everywhere,
        `tenant-credit stands at ${decimalOf(owed)} ${currency}, the balances of all tenants at ${decimalOf(held)}`,
      );
  }
  return { line, rows };
}
