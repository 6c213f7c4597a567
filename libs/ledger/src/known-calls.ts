// Debit step's memory: which business keys an account has already recorded, at under 24 bytes a key.
// A key is (source, CDR id, generation). The table keeps a 64-bit hash and the revision of the event, nothing else, so a
// hit is a suspicion: the caller checks it against the event at that revision before it believes it.

/** A call recorded by this account but not yet acknowledged by the store, or not long ago: known exactly. */
export type RecordedCall = { readonly fingerprint: string; readonly revision: number };

const { floor, imul, max } = Math;
const WORDS_PER_SLOT = 3; // hash high, hash low, revision + 1 (0 = empty slot)
const FIRST_CAPACITY = 8;
const MAX_LOAD = 0.8;
const GROWTH = 1.5; // 12 bytes a slot at a load of 0.53 to 0.8 is 15 to 22.5 bytes a key
/** A day's segment goes on into the next day below this size, so that a quiet tenant does not keep 35 small tables. */
const LEAST_KEYS_PER_SEGMENT = 1_024;
/**
 * A segment is sealed at this size though its day goes on: growing copies it, and a snapshot writes the newest one anew. Smaller
 * ones would cost every look-up more, since it walks them all: 3.6 µs for ten million keys of one day, 9 µs with half of this.
 */
const MOST_KEYS_PER_SEGMENT = 1_048_576;
const MS_PER_DAY = 86_400_000;

/** Only the newest one is written to; those before it are sealed and never change. */
type Segment = { lastDay: number; keys: number; slots: Uint32Array };

/** One segment as a snapshot keeps it. */
export type KnownCallsSegment = Readonly<Segment>;

/**
 * The one mutable part of an account. `remember` writes aside; `settle` takes what stands aside over, once the store has
 * acknowledged it; `discard` drops it, when the store has refused.
 */
export class KnownCalls {
  private readonly segments: Segment[] = [];
  private readonly unsettled = new Map<string, RecordedCall & { readonly day: number }>();

  /** The call, when it is among those not yet settled. */
  unsettledCall(key: string): RecordedCall | undefined {
    return this.unsettled.get(key);
  }

  /** Revisions of settled events that may carry this key: nearly always none or one. */
  suspects(key: string): readonly number[] {
    const high = hashOf(key, HASH_SEED_HIGH);
    const low = hashOf(key, HASH_SEED_LOW);
    const found: number[] = [];
    for (const segment of this.segments) collect(segment.slots, high, low, found);
    return found;
  }

  remember(key: string, call: RecordedCall, recordedAtMs: number): void {
    this.unsettled.set(key, { ...call, day: floor(recordedAtMs / MS_PER_DAY) });
  }

  settle(): void {
    for (const [key, call] of this.unsettled) {
      insert(this.segmentOf(call.day), hashOf(key, HASH_SEED_HIGH), hashOf(key, HASH_SEED_LOW), call.revision);
    }
    this.unsettled.clear();
  }

  discard(): void {
    this.unsettled.clear();
  }

  /**
   * Drops the segments of days wholly before `floorMs` less `slackMs`. A CDR recorded then has an answer time of at most
   * its day's end plus the slack, so the window's floor refuses it if it ever comes again.
   */
  forgetBefore(floorMs: number, slackMs: number): void {
    while (this.segments.length > 0) {
      const oldest = this.segments[0] as Segment;
      if ((oldest.lastDay + 1) * MS_PER_DAY + slackMs > floorMs) return;
      this.segments.shift();
    }
  }

  /** Keys held, settled and not. */
  get size(): number {
    return this.segments.reduce((sum, segment) => sum + segment.keys, this.unsettled.size);
  }

  /** Bytes of the tables. */
  get byteLength(): number {
    return this.segments.reduce((sum, segment) => sum + segment.slots.byteLength, 0);
  }

  /** The settled tables, oldest first, for a snapshot. The arrays are the live ones: what is not sealed changes with the next settle. */
  settledSegments(): readonly (KnownCallsSegment & { readonly isSealed: boolean })[] {
    const newest = this.segments.length - 1;
    return this.segments.map((segment, at) => ({ ...segment, isSealed: at < newest }));
  }

  /** Takes the arrays over. */
  static restored(segments: readonly KnownCallsSegment[]): KnownCalls {
    const known = new KnownCalls();
    known.segments.push(...segments.map(({ lastDay, keys, slots }) => ({ lastDay, keys, slots })));
    return known;
  }

  private segmentOf(day: number): Segment {
    const newest = this.segments.at(-1);
    const lastDay = max(day, newest?.lastDay ?? day);
    const mostKeys = lastDay === newest?.lastDay ? MOST_KEYS_PER_SEGMENT : LEAST_KEYS_PER_SEGMENT;
    if (newest !== undefined && newest.keys < mostKeys) {
      newest.lastDay = lastDay;
      return newest;
    }
    const segment = { lastDay, keys: 0, slots: new Uint32Array(FIRST_CAPACITY * WORDS_PER_SLOT) };
    this.segments.push(segment);
    return segment;
  }
}

function collect(slots: Uint32Array, high: number, low: number, found: number[]): void {
  const capacity = slots.length / WORDS_PER_SLOT;
  let slot = firstSlot(high, capacity);
  for (;;) {
    const at = slot * WORDS_PER_SLOT;
    const mark = slots[at + 2] as number;
    if (mark === 0) return;
    if (slots[at] === high && slots[at + 1] === low) found.push(mark - 1);
    slot = slot + 1 === capacity ? 0 : slot + 1;
  }
}

function insert(segment: Segment, high: number, low: number, revision: number): void {
  if (segment.keys + 1 > (segment.slots.length / WORDS_PER_SLOT) * MAX_LOAD) grow(segment);
  place(segment.slots, high, low, revision + 1);
  segment.keys += 1;
}

function grow(segment: Segment): void {
  const old = segment.slots;
  const wider = new Uint32Array(Math.ceil((old.length / WORDS_PER_SLOT) * GROWTH) * WORDS_PER_SLOT);
  for (let at = 0; at < old.length; at += WORDS_PER_SLOT) {
    const mark = old[at + 2] as number;
    if (mark !== 0) place(wider, old[at] as number, old[at + 1] as number, mark);
  }
  segment.slots = wider;
}

function place(slots: Uint32Array, high: number, low: number, mark: number): void {
  const capacity = slots.length / WORDS_PER_SLOT;
  let slot = firstSlot(high, capacity);
  while (slots[slot * WORDS_PER_SLOT + 2] !== 0) slot = slot + 1 === capacity ? 0 : slot + 1;
  const at = slot * WORDS_PER_SLOT;
  slots[at] = high;
  slots[at + 1] = low;
  slots[at + 2] = mark;
}

/** Spreads by the high bits, so that any capacity will do and a table may grow by half. */
function firstSlot(high: number, capacity: number): number {
  return floor((high * capacity) / 0x1_0000_0000);
}

const HASH_SEED_HIGH = 0x9747_b28c;
const HASH_SEED_LOW = 0x2f6e_2b1d;

/** 32 bits of MurmurHash3 (x86_32) over the key's UTF-16 code units; two seeds make the 64. */
function hashOf(key: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < key.length; index += 1) {
    let unit = imul(key.charCodeAt(index), 0xcc9e2d51);
    unit = (unit << 15) | (unit >>> 17);
    hash ^= imul(unit, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= key.length;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
