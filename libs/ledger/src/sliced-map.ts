// An account's large tables (users, reservations): a map that is never changed, of which a change copies one slice only.

const SLICES = 64;

/** Ten thousand entries cost a change the copy of some 160, not of all. Order of iteration is not that of insertion. */
export class SlicedMap<Value> {
  private constructor(
    private readonly slices: readonly (ReadonlyMap<string, Value> | undefined)[],
    readonly size: number,
  ) {}

  static empty<Value>(): SlicedMap<Value> {
    return new SlicedMap<Value>(Array.from({ length: SLICES }), 0);
  }

  static of<Value>(entries: Iterable<readonly [string, Value]>): SlicedMap<Value> {
    let map = SlicedMap.empty<Value>();
    for (const [key, value] of entries) map = map.with(key, value);
    return map;
  }

  get(key: string): Value | undefined {
    return this.slices[sliceOf(key)]?.get(key);
  }

  with(key: string, value: Value): SlicedMap<Value> {
    const at = sliceOf(key);
    const slice = new Map(this.slices[at]).set(key, value);
    return new SlicedMap(this.slices.with(at, slice), this.size + slice.size - (this.slices[at]?.size ?? 0));
  }

  without(key: string): SlicedMap<Value> {
    const at = sliceOf(key);
    if (this.slices[at]?.has(key) !== true) return this;
    const slice = new Map(this.slices[at]);
    slice.delete(key);
    return new SlicedMap(this.slices.with(at, slice.size === 0 ? undefined : slice), this.size - 1);
  }

  *entries(): IterableIterator<readonly [string, Value]> {
    for (const slice of this.slices) if (slice !== undefined) yield* slice;
  }

  *values(): IterableIterator<Value> {
    for (const slice of this.slices) if (slice !== undefined) yield* slice.values();
  }
}

function sliceOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash, 31) + key.charCodeAt(at);
  return (hash >>> 0) % SLICES;
}
