// Tests across processes: calls and prices come in; what each tenant must be debited goes out. It shares no code with the
// product and takes the naive way, so that a mistake there is not repeated here.

import { createHash } from 'node:crypto';
import type { RecordedEvent } from '@tollkeeper/event-store';
import type { Call } from './cdrs.js';

/** A row of the rate deck; amounts are decimal text of the account's currency. */
export type Price = {
  readonly prefix: string;
  readonly destination: string;
  readonly rate: string;
  readonly connectFee: string;
  readonly incrementSeconds: number;
};

export const PRICES: readonly Price[] = [
  { prefix: '49', destination: 'Germany', rate: '0.0200', connectFee: '0', incrementSeconds: 60 },
  { prefix: '4915', destination: 'Germany - Mobile', rate: '0.1250', connectFee: '0.0500', incrementSeconds: 1 },
  { prefix: '33', destination: 'France', rate: '0.0175', connectFee: '0', incrementSeconds: 30 },
  { prefix: '1', destination: 'United States and Canada', rate: '0.0090', connectFee: '0.0100', incrementSeconds: 6 },
];

/** The deck that says the same, for the rating program. */
export function deckOf(prices: readonly Price[], currency = 'EUR'): string {
  const rows = prices.map((p) =>
    [p.prefix, p.destination, currency, p.rate, 60, p.incrementSeconds, p.connectFee, 'up', 4].join(','),
  );
  return ['prefix,destination,currency,rate,rateUnit,increment,connectFee,rounding,decimals', ...rows, ''].join('\n');
}

/** Decimal text of an amount in units of 10⁻¹⁰, so that 0.0175 a minute times 30 s is exact. */
const UNITS_PER_ONE = 10n ** 10n;
const UNITS_PER_STEP = 10n ** 6n;

function unitsOf(decimal: string): bigint {
  const negative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const units = BigInt(whole) * UNITS_PER_ONE + BigInt(fraction.padEnd(10, '0'));
  return negative ? -units : units;
}

/** In units of 10⁻⁴, the decimals that the deck rounds up to: 61 s at 0.02 a minute in minutes is 400n. */
export function priceOf(call: Call, prices: readonly Price[] = PRICES): bigint {
  const digits = call.called.replace('+', '');
  const matching = prices.filter(({ prefix }) => digits.startsWith(prefix));
  const [price] = matching.toSorted((a, b) => b.prefix.length - a.prefix.length);
  if (price === undefined) throw new Error(`the oracle has no price for ${call.called}`);
  if (call.usageMs === 0) return 0n;
  const increments = Math.ceil(call.usageMs / (price.incrementSeconds * 1000));
  // Sixtieths, since the rate is for a minute: no division before the one that rounds up.
  const sixtieths = unitsOf(price.connectFee) * 60n + unitsOf(price.rate) * BigInt(increments * price.incrementSeconds);
  const sixtiethsPerStep = UNITS_PER_STEP * 60n;
  return (sixtieths + sixtiethsPerStep - 1n) / sixtiethsPerStep;
}

/** Each distinct CDR once, however often it was sent; in units of 10⁻⁴. */
export function debitsOf(calls: readonly Call[], prices: readonly Price[] = PRICES): ReadonlyMap<string, bigint> {
  const seen = new Set<string>();
  const sums = new Map<string, bigint>();
  for (const call of calls) {
    const key = JSON.stringify([call.tenant, call.id]);
    if (seen.has(key)) continue;
    seen.add(key);
    sums.set(call.tenant, (sums.get(call.tenant) ?? 0n) + priceOf(call, prices));
  }
  return sums;
}

/** Decimal text to units of 10⁻⁴; a finer amount is a fault. */
export function stepsOf(decimal: string): bigint {
  const units = unitsOf(decimal);
  if (units % UNITS_PER_STEP !== 0n) throw new Error(`${decimal} is finer than 0.0001`);
  return units / UNITS_PER_STEP;
}

export type StreamFacts = {
  /** CDR id → how many debits stand, those that were reversed left out. */
  readonly debits: ReadonlyMap<string, number>;
  readonly debitedSteps: bigint;
  readonly creditedSteps: bigint;
  readonly balanceSteps: bigint;
};

const NO_HASH = '0'.repeat(64);

/**
 * Adds up one tenant's stream.
 * @throws Error where a revision is missing, a balance does not follow from the one before, or the hash chain is broken.
 */
export function auditStream(events: readonly RecordedEvent[]): StreamFacts {
  const debits = new Map<string, number>();
  let balance = 0n;
  let debited = 0n;
  let credited = 0n;
  let previousHash = NO_HASH;
  for (const [at, event] of events.entries()) {
    const place = `${event.stream} revision ${event.revision}`;
    if (event.revision !== at) throw new Error(`${place} stands where ${at} should`);
    checkHash(event, previousHash, place);
    previousHash = String(event.metadata['hash']);
    const data = event.data as {
      readonly balance: string;
      readonly amount?: string;
      readonly direction?: string;
      readonly cdr?: { readonly id: string; readonly source: string };
    };
    if (event.type === 'CallDebited.v1') {
      const key = data.cdr?.id ?? '';
      debits.set(key, (debits.get(key) ?? 0) + 1);
      debited += stepsOf(data.amount ?? '');
      balance -= stepsOf(data.amount ?? '');
    } else if (event.type === 'CallReversed.v1') {
      const key = data.cdr?.id ?? '';
      debits.set(key, (debits.get(key) ?? 0) - 1);
      debited -= stepsOf(data.amount ?? '');
      balance += stepsOf(data.amount ?? '');
    } else if (event.type === 'CreditPurchased.v1') {
      credited += stepsOf(data.amount ?? '');
      balance += stepsOf(data.amount ?? '');
    } else if (event.type === 'LotExpired.v1' || event.type === 'PurchaseRefunded.v1') {
      balance -= stepsOf(data.amount ?? '');
    } else if (event.type === 'CreditAdjusted.v1') {
      balance += data.direction === 'credit' ? stepsOf(data.amount ?? '') : -stepsOf(data.amount ?? '');
    }
    if (stepsOf(data.balance) !== balance)
      throw new Error(`${place} says balance ${data.balance}, the sum is ${balance} times 0.0001`);
  }
  return { debits, debitedSteps: debited, creditedSteps: credited, balanceSteps: balance };
}

function checkHash({ stream, revision, type, data, metadata }: RecordedEvent, previousHash: string, place: string): void {
  if (metadata['previousHash'] !== previousHash) throw new Error(`${place} does not name its predecessor's hash`);
  const { hash, ...unsealed } = metadata;
  const text = sortedJson({ stream, revision, type, data, metadata: unsealed });
  const expected = createHash('sha256').update(text).digest('hex');
  if (hash !== expected) throw new Error(`${place} carries the hash ${String(hash)}, its content has ${expected}`);
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${sortedJson(part)}`).join(',')}}`;
}
