// Proof's memory of calls: a text and a number come in; whether the text was there, and with which number, goes out.
//
// It keeps 64 bits of each text beside its number, eighteen to thirty-six bytes with the room to find them again: two of ten million
// texts would be taken for each other once in 300,000 runs, and are then told to be looked at.

import { hash } from 'node:crypto';

const FIRST_SLOTS = 1 << 12;
const MAX_FILLED = 0.66;

/** Open addressing in three arrays of 32 bits: the hash's two halves, and the number. */
export class SeenKeys {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #values = new Uint32Array(FIRST_SLOTS);
  #count = 0;

  get(text: string): number | undefined {
    const [high, low] = halvesOf(text);
    const slot = slotOf(this.#high, this.#low, high, low);
    return this.#low[slot] === 0 ? undefined : this.#values[slot];
  }

  /** In place of what stood there; the number is below 2 ** 32. */
  set(text: string, value: number): void {
    const [high, low] = halvesOf(text);
    const slot = slotOf(this.#high, this.#low, high, low);
    this.#values[slot] = value;
    if (this.#low[slot] !== 0) return;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#count += 1;
    if (this.#count > this.#low.length * MAX_FILLED) this.#grow();
  }

  #grow(): void {
    const slots = this.#low.length * 2;
    const [high, low, values] = [new Uint32Array(slots), new Uint32Array(slots), new Uint32Array(slots)];
    this.#low.forEach((each, at) => {
      if (each === 0) return;
      const slot = slotOf(high, low, this.#high[at] as number, each);
      high[slot] = this.#high[at] as number;
      low[slot] = each;
      values[slot] = this.#values[at] as number;
    });
    [this.#high, this.#low, this.#values] = [high, low, values];
  }
}

/** Two zeros mark an empty slot. */
function halvesOf(text: string): readonly [high: number, low: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}

/** Where it stands, or the empty slot where it would. */
function slotOf(highs: Uint32Array, lows: Uint32Array, high: number, low: number): number {
  const mask = lows.length - 1;
  let slot = high & mask;
  while (lows[slot] !== 0 && (lows[slot] !== low || highs[slot] !== high)) slot = (slot + 1) & mask;
  return slot;
}
