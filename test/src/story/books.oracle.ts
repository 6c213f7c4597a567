// Story tests, the oracle: raw calls and what people did → what the account must have come to, by code that shares nothing with the
// product. Amounts are whole micro-units; every rule of the story's deck is written out by hand.

import type { RawCall } from './raw-calls.js';
import { ZOE } from './raw-calls.js';

export type Entry = {
  readonly kind: 'call' | 'purchase' | 'adjustment' | 'refund';
  readonly micros: bigint;
  readonly effectiveMs: number;
  readonly recordedMs: number;
  readonly cdrId: string | null;
};

export type Priced = { readonly micros: bigint; readonly poolSeconds: number };

const POOL_SECONDS = 120 * 60;
const TRIGGER = 5_000_000n;
const RECHARGE = 20_000_000n;

export class Books {
  readonly entries: Entry[] = [];
  readonly priced = new Map<string, Priced>();
  recharges = 0;
  private readonly pools = new Map<string, number>();
  private readonly recorded = new Set<string>();

  /** The second version of the deck, in which Britain is dearer, is active for calls answered from then on. */
  dearerFromMs = Infinity;

  get balance(): bigint {
    return this.entries.reduce((sum, { micros }) => sum + micros, 0n);
  }

  /** Nothing for a call that is known, was not answered, or has no price. */
  call(raw: RawCall, recordedMs: number, isPriced = (called: string): boolean => !called.startsWith('+81')): void {
    const { id, answeredMs } = raw;
    if (this.recorded.has(id) || answeredMs === null || !isPriced(raw.called)) return;
    this.recorded.add(id);
    const priced = this.price(raw, answeredMs);
    this.priced.set(id, priced);
    this.post({ kind: 'call', micros: -priced.micros, effectiveMs: answeredMs, recordedMs, cdrId: id });
  }

  /** By the deck as it stands now; nothing when the price is the same. */
  rerated(raw: RawCall, recordedMs: number): boolean {
    const before = this.priced.get(raw.id);
    if (before === undefined || raw.answeredMs === null || !raw.called.startsWith('+44')) return false;
    const after = this.price(raw, raw.answeredMs);
    if (after.micros === before.micros) return false;
    this.priced.set(raw.id, after);
    const difference = before.micros - after.micros;
    this.post({ kind: 'call', micros: difference, effectiveMs: raw.answeredMs, recordedMs, cdrId: raw.id });
    return true;
  }

  bought(micros: bigint, atMs: number): void {
    this.post({ kind: 'purchase', micros, effectiveMs: atMs, recordedMs: atMs, cdrId: null });
  }

  adjusted(micros: bigint, atMs: number): void {
    this.post({ kind: 'adjustment', micros, effectiveMs: atMs, recordedMs: atMs, cdrId: null });
  }

  refunded(micros: bigint, atMs: number): void {
    this.post({ kind: 'refund', micros: -micros, effectiveMs: atMs, recordedMs: atMs, cdrId: null });
  }

  /** By the time of the calls, and by what was known. */
  balanceAsOf(asOfMs: number, knownAtMs: number): bigint {
    const counted = this.entries.filter(({ effectiveMs, recordedMs }) => effectiveMs <= asOfMs && recordedMs <= knownAtMs);
    return counted.reduce((sum, { micros }) => sum + micros, 0n);
  }

  sumOf(kind: Entry['kind']): bigint {
    return this.entries.filter((entry) => entry.kind === kind).reduce((sum, { micros }) => sum + micros, 0n);
  }

  /** A recharge is asked for below the trigger, and paid at once as far as sums go. */
  private post(entry: Entry): void {
    this.entries.push(entry);
    if (this.balance >= TRIGGER) return;
    this.recharges += 1;
    const { recordedMs } = entry;
    this.entries.push({ kind: 'purchase', micros: RECHARGE, effectiveMs: recordedMs, recordedMs, cdrId: null });
  }

  private price({ called, user, usageMs }: RawCall, answeredMs: number): Priced {
    const seconds = BigInt(Math.ceil(usageMs / 1000));
    const minutes = (seconds + 59n) / 60n;
    if (called.startsWith('+49')) return { micros: 30_000n + seconds * 200n, poolSeconds: 0 };
    if (called.startsWith('+44'))
      return { micros: minutes * (answeredMs >= this.dearerFromMs ? 180_000n : 150_000n), poolSeconds: 0 };
    if (called.startsWith('+81')) return { micros: minutes * 500_000n, poolSeconds: 0 };
    const month = new Date(answeredMs).toISOString().slice(0, 7);
    const left = user === ZOE ? POOL_SECONDS - (this.pools.get(month) ?? 0) : 0;
    const poolSeconds = Math.min(left, Number(minutes) * 60);
    this.pools.set(month, (this.pools.get(month) ?? 0) + poolSeconds);
    return { micros: (minutes - BigInt(poolSeconds / 60)) * 20_000n, poolSeconds };
  }
}

/** `12.5` of 12,500,000. */
export function decimal(micros: bigint): string {
  const text = (micros < 0n ? -micros : micros).toString().padStart(7, '0');
  const fraction = text.slice(-6).replace(/0+$/, '');
  return `${micros < 0n ? '-' : ''}${text.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** 12,500,000 of `12.5`. */
export function microsIn(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const micros = BigInt(whole + fraction.padEnd(6, '0'));
  return text.startsWith('-') ? -micros : micros;
}
