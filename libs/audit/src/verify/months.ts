// Proof of the months: the events of a tenant's stream come in; each `PeriodClosed` must say what they add up to, and no month that
// has events may be left open behind.

import { decimalOf } from '@tollkeeper/money';
import { amountIn } from './books.js';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';

type Part = Readonly<Record<string, unknown>>;

const SUMS = ['purchased', 'credited', 'reversed', 'debited', 'expired', 'refunded', 'withdrawn'] as const;
type Sum = (typeof SUMS)[number];
const INCOMING: ReadonlySet<Sum> = new Set(['purchased', 'credited', 'reversed']);
const SUM_OF: Readonly<Record<string, Sum>> = {
  'CallDebited.v1': 'debited',
  'CallReversed.v1': 'reversed',
  'CreditPurchased.v1': 'purchased',
  'LotExpired.v1': 'expired',
  'PurchaseRefunded.v1': 'refunded',
  'CreditAdjusted.v1 credit': 'credited',
  'CreditAdjusted.v1 debit': 'withdrawn',
};

type Month = {
  readonly month: string;
  readonly opening: bigint;
  events: number;
  callsDebited: number;
  callsNotBillable: number;
  isClosed: boolean;
  readonly sums: Record<Sum, bigint>;
};

export class MonthsCheck {
  readonly line = new Line('months', 'Add up the month: tollkeeper statement --tenant T --from … --to …');
  readonly #months = new Map<string, Month>();
  readonly #balances = new Map<string, bigint>();

  see(event: SeenEvent): void {
    const { stream, revision, type } = event.stored;
    try {
      const faults = this.#faultsOf(stream, type, event.data as Part);
      if (faults.length > 0) this.line.differs({ stream, revision }, faults.join('; '));
    } catch {
      // What cannot be understood is told by the balances.
    }
  }

  #faultsOf(stream: string, type: string, data: Part): readonly string[] {
    const faults: string[] = [];
    const name = String(data['recordedAt']).slice(0, 'YYYY-MM'.length);
    const before = this.#balances.get(stream) ?? 0n;
    this.#balances.set(stream, amountIn(data, 'balance'));
    let month = this.#months.get(stream);
    if (type === 'PeriodClosed.v1') {
      this.line.checked += 1;
      if (month === undefined) return [`it closes ${String(data['month'])}, in which nothing was recorded`];
      month.isClosed = true;
      return closingFaults(month, data);
    }
    if (month === undefined || month.month !== name) {
      if (month !== undefined && !month.isClosed) {
        this.line.checked += 1;
        faults.push(`${month.month} was never closed`);
      }
      const sums = { purchased: 0n, credited: 0n, reversed: 0n, debited: 0n, expired: 0n, refunded: 0n, withdrawn: 0n };
      month = { month: name, opening: before, events: 0, callsDebited: 0, callsNotBillable: 0, isClosed: false, sums };
      this.#months.set(stream, month);
    }
    month.events += 1;
    if (type === 'CallDebited.v1') month.callsDebited += 1;
    if (type === 'CallReversed.v1') month.callsDebited -= 1;
    if (type === 'CallNotBillable.v1') month.callsNotBillable += 1;
    const sum = SUM_OF[type === 'CreditAdjusted.v1' ? `${type} ${String(data['direction'])}` : type];
    if (sum !== undefined) month.sums[sum] += amountIn(data, 'amount');
    return faults;
  }
}

function closingFaults(month: Month, data: Part): readonly string[] {
  const faults: string[] = [];
  const compare = (name: string, told: unknown, counted: string | number): void => {
    if (told !== counted) faults.push(`${name} is ${String(told)}, and the events of ${month.month} come to ${counted}`);
  };
  if (data['month'] !== month.month) faults.push(`it closes ${String(data['month'])} behind the events of ${month.month}`);
  compare('opening', data['opening'], decimalOf(month.opening));
  for (const name of ['events', 'callsDebited', 'callsNotBillable'] as const) compare(name, data[name], month[name]);
  let closing = month.opening;
  for (const name of SUMS) {
    compare(name, data[name], decimalOf(month.sums[name]));
    closing += INCOMING.has(name) ? month.sums[name] : -month.sums[name];
  }
  compare('the balance', data['balance'], decimalOf(closing));
  return faults;
}
