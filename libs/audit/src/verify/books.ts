// Proof of the balances: what each event says it moved comes in; whether balance, available balance, posting, lots and overdraft after
// it follow from those before goes out, event by event, and per tenant what its postings add up to.
//
// Written down a second time on purpose: nothing here asks the ledger's own fold what an event does.

import { decimalOf, parseMicros } from '@tollkeeper/money';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';

type Part = Readonly<Record<string, unknown>>;
type Effect = {
  /** What it does to the balance: 1 adds its amount, −1 takes it. */
  readonly sign: 1 | -1;
  readonly debit: string;
  readonly credit: string;
};

const EFFECTS: Readonly<Record<string, Effect>> = {
  'CallDebited.v1': { sign: -1, debit: 'tenant-credit', credit: 'call-revenue' },
  'CallReversed.v1': { sign: 1, debit: 'call-revenue', credit: 'tenant-credit' },
  'CreditPurchased.v1': { sign: 1, debit: 'cash-clearing', credit: 'tenant-credit' },
  'PurchaseRefunded.v1': { sign: -1, debit: 'tenant-credit', credit: 'cash-clearing' },
  'LotExpired.v1': { sign: -1, debit: 'tenant-credit', credit: 'expired-credit' },
  'CreditAdjusted.v1 credit': { sign: 1, debit: 'adjustments', credit: 'tenant-credit' },
  'CreditAdjusted.v1 debit': { sign: -1, debit: 'tenant-credit', credit: 'adjustments' },
};

type Book = {
  currency: string;
  balance: bigint;
  /** What reservations hold, by session. */
  readonly holds: Map<string, bigint>;
  held: bigint;
  readonly lots: Map<string, bigint>;
  inLots: bigint;
  overdraft: bigint;
  recordedAt: string;
  /** How far lots and holds stood from the told balances when that was last told, so that it is told once. */
  lotDrift: bigint;
  heldDrift: bigint;
  /** On the account `tenant-credit` by the postings, credit above zero. */
  posted: bigint;
};

/** Debits less credits of each account, by currency. */
export type Accounts = ReadonlyMap<string, ReadonlyMap<string, bigint>>;

export class BooksCheck {
  readonly line = new Line(
    'balances',
    'See tollkeeper replay --tenant around the revision. If the hash chain holds, the program that wrote it was wrong: report it.',
  );
  /** By stream. */
  readonly books = new Map<string, Book>();
  readonly accounts = new Map<string, Map<string, bigint>>();
  postings = 0;

  see(event: SeenEvent): void {
    const { stream, revision, type } = event.stored;
    let book = this.books.get(stream);
    if (book === undefined) this.books.set(stream, (book = newBook()));
    this.line.checked += 1;
    const faults: string[] = [];
    try {
      this.#follow(book, type, event.data as Part, event.tenant, faults);
    } catch (error) {
      faults.push(`it cannot be understood: ${(error as Error).message}`);
    }
    if (faults.length > 0) this.line.differs({ stream, revision }, faults.join('; '));
  }

  #follow(book: Book, type: string, data: Part, tenant: string, faults: string[]): void {
    const [told, available] = [amountIn(data, 'balance'), amountIn(data, 'available')];
    if (data['tenant'] !== tenant) faults.push(`it is of tenant ${String(data['tenant'])}`);
    const recordedAt = String(data['recordedAt']);
    if (recordedAt < book.recordedAt) faults.push(`it was recorded at ${recordedAt}, before its predecessor`);
    book.recordedAt = recordedAt;
    if (type === 'AccountOpened.v1') book.currency = String(data['currency']);
    const effect = EFFECTS[type === 'CreditAdjusted.v1' ? `${type} ${String(data['direction'])}` : type];
    const amount = effect === undefined ? 0n : amountIn(data, 'amount');
    if (effect !== undefined) {
      if (amount < 0n) faults.push('its amount is below zero');
      moveLots(book, type, data, faults);
      this.#post(book, effect, amount, data['posting'], faults);
    }
    const after = book.balance + amount * BigInt(effect?.sign ?? 0);
    if (told !== after) faults.push(`the balance after is ${decimalOf(told)}, and ${decimalOf(after)} follows`);
    book.balance = told;
    hold(book, type, data, faults);
    const lotDrift = book.inLots - book.overdraft - told;
    if (lotDrift !== book.lotDrift) faults.push(`open lots less overdraft are ${decimalOf(book.inLots - book.overdraft)}`);
    book.lotDrift = lotDrift;
    const heldDrift = told - book.held - available;
    if (heldDrift !== book.heldDrift)
      faults.push(`the available balance is ${decimalOf(available)}, and ${decimalOf(told - book.held)} follows`);
    book.heldDrift = heldDrift;
  }

  /** One positive amount and two accounts; nothing where nothing moves. */
  #post(book: Book, { debit, credit }: Effect, amount: bigint, posting: unknown, faults: string[]): void {
    if (posting === null || posting === undefined) {
      if (amount !== 0n) faults.push('it moves money and posts nothing');
      return;
    }
    const part = posting as Part;
    const posted = amountIn(part, 'amount');
    if (posted !== amount || posted <= 0n) faults.push(`it posts ${decimalOf(posted)}, not its amount ${decimalOf(amount)}`);
    if (part['debit'] !== debit || part['credit'] !== credit)
      faults.push(`it posts Dr ${String(part['debit'])} / Cr ${String(part['credit'])}, not Dr ${debit} / Cr ${credit}`);
    this.postings += 1;
    let accounts = this.accounts.get(book.currency);
    if (accounts === undefined) this.accounts.set(book.currency, (accounts = new Map()));
    // As posted, not as it should be: the trial balance is about what stands there.
    for (const [account, by] of [
      [String(part['debit']), posted],
      [String(part['credit']), -posted],
    ] as const) {
      accounts.set(account, (accounts.get(account) ?? 0n) + by);
      if (account === 'tenant-credit') book.posted -= by;
    }
  }
}

function newBook(): Book {
  const [holds, lots] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const nothing = { balance: 0n, held: 0n, inLots: 0n, overdraft: 0n, lotDrift: 0n, heldDrift: 0n, posted: 0n };
  return { ...nothing, holds, lots, currency: '', recordedAt: '' };
}

/** Uses draw lots, what is opened or given back fills them, overdraft is made or repaid; together they are the amount. */
function moveLots(book: Book, type: string, data: Part, faults: string[]): void {
  const amount = amountIn(data, 'amount');
  const isIncoming = type === 'CreditPurchased.v1' || type === 'CallReversed.v1' || data['direction'] === 'credit';
  let sum = 0n;
  const move = (part: unknown, sign: 1n | -1n): void => {
    const moved = amountIn(part as Part, 'amount');
    const lotId = String((part as Part)['lotId']);
    const left = (book.lots.get(lotId) ?? 0n) + sign * moved;
    if (left < 0n) faults.push(`lot ${lotId} is left with ${decimalOf(left)}`);
    if (left === 0n) book.lots.delete(lotId);
    else book.lots.set(lotId, left);
    book.inLots += sign * moved;
    sum += moved;
  };
  if (type === 'LotExpired.v1') move(data, -1n);
  else if (isIncoming) {
    const opened = [...((data['lots'] ?? []) as readonly unknown[]), data['lot'], data['newLot']];
    for (const part of opened) if (part !== null && part !== undefined) move(part, 1n);
    const repaid = amountIn(data, 'overdraftRepaid');
    book.overdraft -= repaid;
    sum += repaid;
    if (book.overdraft < 0n) faults.push('more overdraft is repaid than there was');
  } else {
    for (const part of data['lots'] as readonly unknown[]) move(part, -1n);
    const overdraft = amountIn(data, 'overdraft');
    book.overdraft += overdraft;
    sum += overdraft;
  }
  if (sum !== amount) faults.push(`lots and overdraft move ${decimalOf(sum)}, not ${decimalOf(amount)}`);
}

function hold(book: Book, type: string, data: Part, faults: string[]): void {
  const set = (sessionId: unknown, amount: bigint): bigint => {
    const before = book.holds.get(String(sessionId)) ?? 0n;
    if (amount === 0n) book.holds.delete(String(sessionId));
    else book.holds.set(String(sessionId), amount);
    book.held += amount - before;
    return before;
  };
  const release = (sessionId: unknown, released: unknown): void => {
    const [freed, amount] = [set(sessionId, 0n), amountIn(released as Part, 'amount')];
    if (freed !== amount)
      faults.push(`session ${String(sessionId)} held ${decimalOf(freed)}, and ${decimalOf(amount)} is released`);
  };
  if (type === 'ReservationExpired.v1') release(data['sessionId'], data['releases']);
  else if (type.startsWith('Reservation')) set(data['sessionId'], amountIn(data, 'amount'));
  else if (type === 'CallDebited.v1' && data['releases'] !== null && data['releases'] !== undefined)
    release((data['cdr'] as Part)['sessionId'], data['releases']);
}

/** @throws Error that names the field. */
export function amountIn(data: Part, field: string): bigint {
  const text = data[field];
  const micros = typeof text === 'string' ? parseMicros(text) : undefined;
  if (micros === undefined) throw new Error(`${field} is ${JSON.stringify(text)}, which is no amount`);
  return micros;
}
