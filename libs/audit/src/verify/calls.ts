// Proof that no call is debited twice: the events of the tenants' streams come in; each generation of a call record may stand once, and
// one after the first only right behind the reversal of the one before it.
//
// It remembers 64 bits of each, twelve to twenty-four bytes with the room to find them again: two of ten million would be taken for each
// other once in 300,000 runs, and are then told to be looked at.

import { hash } from 'node:crypto';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';

type Cdr = { readonly source: string; readonly id: string; readonly generation: number };
type Reversal = { readonly revision: number; readonly key: string; readonly reversedRevision: unknown };

const RECORDED = new Set(['CallDebited.v1', 'CallNotBillable.v1']);

export class CallsCheck {
  readonly line = new Line('calls', 'Compare both revisions with tollkeeper explain CDR-ID; give back what was taken twice.');
  readonly #seen = new SeenKeys();
  /** By stream: the last reversal, which only the event right behind it may replace. */
  readonly #reversals = new Map<string, Reversal>();

  see({ stored: { stream, revision, type }, data }: SeenEvent): void {
    if (!RECORDED.has(type) && type !== 'CallReversed.v1') return;
    const { source, id, generation } = (data['cdr'] ?? {}) as Cdr;
    const keyOf = (of: number): string => JSON.stringify([stream, source, id, data['effectiveAt'], of]);
    const place = { stream, revision };
    if (type === 'CallReversed.v1') {
      const { reversedRevision } = data as { readonly reversedRevision?: unknown };
      this.#reversals.set(stream, { revision, key: keyOf(generation + 1), reversedRevision });
      if (!this.#seen.add(`reversed ${keyOf(generation)}`)) this.line.differs(place, `CDR ${id} is turned round once more`);
      return;
    }
    this.line.checked += 1;
    if (!this.#seen.add(keyOf(generation))) this.line.differs(place, `CDR ${id} of ${source} stands in the ledger already`);
    if (generation === 0) return;
    const reversal = this.#reversals.get(stream);
    const replaces = reversal?.revision === revision - 1 && reversal.key === keyOf(generation) ? reversal.reversedRevision : null;
    if (replaces === null || replaces !== data['replaces']) {
      this.line.differs(
        place,
        `CDR ${id}, generation ${generation}: the debit that it replaces was not turned round right before it`,
      );
    }
  }
}

const FIRST_SLOTS = 1 << 12;
const MAX_FILLED = 0.66;

/** A set of texts by 64 bits of their hash: open addressing in two arrays of 32 bits. */
class SeenKeys {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #count = 0;

  /** False when it was there. */
  add(text: string): boolean {
    const digest = hash('sha256', text, 'buffer');
    // Two zeros mark an empty slot.
    const [high, low] = [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
    const slot = slotOf(this.#high, this.#low, high, low);
    if (this.#low[slot] !== 0) return false;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#count += 1;
    if (this.#count > this.#low.length * MAX_FILLED) this.#grow();
    return true;
  }

  #grow(): void {
    const [high, low] = [new Uint32Array(this.#low.length * 2), new Uint32Array(this.#low.length * 2)];
    this.#low.forEach((each, at) => {
      if (each === 0) return;
      const slot = slotOf(high, low, this.#high[at] as number, each);
      high[slot] = this.#high[at] as number;
      low[slot] = each;
    });
    [this.#high, this.#low] = [high, low];
  }
}

/** Where it stands, or the empty slot where it would. */
function slotOf(highs: Uint32Array, lows: Uint32Array, high: number, low: number): number {
  const mask = lows.length - 1;
  let slot = high & mask;
  while (lows[slot] !== 0 && (lows[slot] !== low || highs[slot] !== high)) slot = (slot + 1) & mask;
  return slot;
}
