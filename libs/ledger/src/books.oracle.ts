// The books told by the events alone, for tests only: what an account's stream says of itself in, the places where it does not add up
// out. It knows types, amounts and balances, and nothing of how they came about.

import type { LedgerEvent } from './events.js';

const SIGNS: Readonly<Record<string, number>> = {
  'CreditPurchased.v1': 1,
  'CallReversed.v1': 1,
  'CallDebited.v1': -1,
  'LotExpired.v1': -1,
  'PurchaseRefunded.v1': -1,
};
const SUMS: Readonly<Record<string, string>> = {
  'CreditPurchased.v1': 'purchased',
  'CallReversed.v1': 'reversed',
  'CallDebited.v1': 'debited',
  'LotExpired.v1': 'expired',
  'PurchaseRefunded.v1': 'refunded',
  'CreditAdjusted.v1 credit': 'credited',
  'CreditAdjusted.v1 debit': 'withdrawn',
};
const micros = (text: unknown): number => Math.round(Number(text) * 1e6);

type Data = Readonly<Record<string, unknown>>;
type Month = { opening: number; events: number; calls: number; notBillable: number; sums: Record<string, number> };
const newMonth = (opening: number): Month => ({ opening, events: 0, calls: 0, notBillable: 0, sums: {} });

export function faultsOf(events: readonly LedgerEvent[]): readonly string[] {
  const faults: string[] = [];
  const held = new Map<unknown, number>();
  const accounts: Record<string, number> = {};
  const months = new Map<string, Month>();
  const debited = new Set<string>();
  let [balance, last, openRecharges] = [0, '', 0];
  for (const [revision, event] of events.entries()) {
    const { type } = event;
    const data = event.data as unknown as Data & { readonly recordedAt: string };
    const fault = (what: string): void => void faults.push(`revision ${revision}, ${type}: ${what}`);
    const month = data.recordedAt.slice(0, 7);
    const books = months.get(month) ?? newMonth(balance);
    months.set(month, books);
    if (type === 'PeriodClosed.v1') faultsOfClosing(data, months.get(String(data['month'])), balance).forEach(fault);
    else count(books, type, data);
    const direction = data['direction'] === 'credit' ? 1 : data['direction'] === 'debit' ? -1 : (SIGNS[type] ?? 0);
    const amount = direction === 0 ? 0 : micros(data['amount']);
    balance += direction * amount;
    if (micros(data['balance']) !== balance) fault(`the balance after is ${balance}`);
    hold(held, type, data);
    const reserved = [...held.values()].reduce((sum, each) => sum + each, 0);
    if (micros(data['available']) !== balance - reserved) fault(`available is ${balance - reserved}`);
    if (data.recordedAt < last) fault('recorded before its predecessor');
    last = data.recordedAt;
    const posting = data['posting'] as { amount: string; debit: string; credit: string } | null | undefined;
    if ((posting ? micros(posting.amount) : 0) !== amount) fault('posts another amount');
    if (posting) {
      accounts[posting.debit] = (accounts[posting.debit] ?? 0) + amount;
      accounts[posting.credit] = (accounts[posting.credit] ?? 0) - amount;
    }
    if (event.type === 'CallDebited.v1') {
      const { cdr } = event.data;
      const key = `${cdr.source} ${cdr.id} ${cdr.generation}`;
      if (debited.has(key)) fault('debited twice');
      debited.add(key);
    }
    if (event.type === 'RechargeRequested.v1' && event.data.cause === 'auto' && openRecharges > 0)
      fault('two recharges in flight');
    if (type === 'RechargeRequested.v1') openRecharges += 1;
    if (type === 'RechargeSucceeded.v1' && !wasFailed(events.slice(0, revision), data)) openRecharges -= 1;
    if (type === 'RechargeFailed.v1') openRecharges -= 1;
  }
  const total = Object.values(accounts).reduce((sum, each) => sum + each, 0);
  if (total !== 0) faults.push(`the trial balance is ${total}`);
  if ((accounts['tenant-credit'] ?? 0) !== -balance) faults.push('the account of the tenant is not what the events say');
  return faults;
}

function wasFailed(before: readonly LedgerEvent[], { rechargeId }: Data): boolean {
  return before.some((event) => event.type === 'RechargeFailed.v1' && event.data.rechargeId === rechargeId);
}

function count(books: Month, type: string, data: Data): void {
  books.events += 1;
  if (type === 'CallDebited.v1') books.calls += 1;
  if (type === 'CallReversed.v1') books.calls -= 1;
  if (type === 'CallNotBillable.v1') books.notBillable += 1;
  const name = SUMS[type] ?? SUMS[`${type} ${String(data['direction'])}`];
  if (name !== undefined) books.sums[name] = (books.sums[name] ?? 0) + micros(data['amount']);
}

function hold(held: Map<unknown, number>, type: string, data: Data): void {
  const { sessionId } = data;
  if (type === 'ReservationExpired.v1') held.delete(sessionId);
  else if (type.startsWith('Reservation')) held.set(sessionId, micros(data['amount']));
  else if (type === 'CallDebited.v1') held.delete((data['cdr'] as Data)['sessionId']);
}

function faultsOfClosing(data: Data, month: Month | undefined, balance: number): readonly string[] {
  if (month === undefined) return ['closes a month of which nothing stands'];
  const told = { opening: month.opening, events: month.events, callsDebited: month.calls, callsNotBillable: month.notBillable };
  const faults = Object.entries(told).flatMap(([name, value]) => {
    const said = name === 'opening' ? micros(data[name]) : data[name];
    return said === value ? [] : [`${name} is ${value}`];
  });
  let closing = month.opening;
  for (const name of Object.values(SUMS)) {
    const value = month.sums[name] ?? 0;
    if (micros(data[name]) !== value) faults.push(`${name} is ${value}`);
    closing += ['purchased', 'credited', 'reversed'].includes(name) ? value : -value;
  }
  if (closing !== balance) faults.push(`the sums close at ${closing}`);
  return faults;
}
