// Tests of exports: raw events in; what each account of the operator's books comes to out. It knows types and amounts, and nothing of
// postings or of the product's code.

import type { RecordedEvent } from '@tollkeeper/event-store';

/** Account and currency → millionths on the debit side. */
export type Accounts = ReadonlyMap<string, bigint>;

type Sides = { readonly debit: string; readonly credit: string };

const TENANT = 'Liabilities:Tenant-Credit';
const SIDES: Readonly<Record<string, Sides>> = {
  'CallDebited.v1': { debit: TENANT, credit: 'Income:Call-Revenue' },
  'CallReversed.v1': { debit: 'Income:Call-Revenue', credit: TENANT },
  'CreditPurchased.v1': { debit: 'Assets:Cash-Clearing', credit: TENANT },
  'LotExpired.v1': { debit: TENANT, credit: 'Income:Expired-Credit' },
  'PurchaseRefunded.v1': { debit: TENANT, credit: 'Assets:Cash-Clearing' },
  'CreditAdjusted.v1 credit': { debit: 'Equity:Adjustments', credit: TENANT },
  'CreditAdjusted.v1 debit': { debit: TENANT, credit: 'Equity:Adjustments' },
};

/** @param nameOf of the tenant as the last part of its account. Accounts that come to nothing are left out. */
export function accountsOf(streams: readonly (readonly RecordedEvent[])[], nameOf: (tenant: string) => string): Accounts {
  const sums = new Map<string, bigint>();
  for (const events of streams) {
    const currency = String(events[0]?.data['currency']);
    for (const { type, data } of events) {
      const sides = SIDES[type] ?? SIDES[`${type} ${String(data['direction'])}`];
      if (sides === undefined) continue;
      const amount = millionthsOf(String(data['amount']));
      for (const [account, by] of [
        [sides.debit, amount],
        [sides.credit, -amount],
      ] as const) {
        const name = account === TENANT ? `${TENANT}:${nameOf(String(data['tenant']))}` : account;
        sums.set(`${name} ${currency}`, (sums.get(`${name} ${currency}`) ?? 0n) + by);
      }
    }
  }
  return withoutZeros(sums);
}

export function withoutZeros(sums: ReadonlyMap<string, bigint>): Accounts {
  return new Map([...sums].filter(([, sum]) => sum !== 0n).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Decimal text, also with zeros at its end as other tools write them. */
export function millionthsOf(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) throw new Error(`"${text}" is no amount`);
  const [, sign = '', whole = '', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(6))) throw new Error(`"${text}" is finer than a millionth`);
  return BigInt(sign + whole + fraction.slice(0, 6).padEnd(6, '0'));
}
