// Rating, the look-up: prefixes of one plan, currency and category in, the longest that a number begins with out.

const DIGITS = 10;
const ZERO = 48;
const PLUS = 43;
/** Ten slots for the next digit, and one for the value of the prefix that ends here. */
const NODE_SLOTS = DIGITS + 1;
const VALUE_SLOT = DIGITS;
const FIRST_CAPACITY_NODES = 64;
const HAS_VALUE = 1 << DIGITS;
const ALL_DIGITS = HAS_VALUE - 1;

/** How many of ten bits are set. */
const BITS_SET = new Uint8Array(HAS_VALUE);
for (let bits = 1; bits < HAS_VALUE; bits += 1) BITS_SET[bits] = (BITS_SET[bits >> 1] as number) + (bits & 1);

/**
 * A digit trie in one typed array, filled first, then packed by the first look-up. A look-up takes one step per digit of the match
 * and allocates nothing. Most nodes have few of the ten digits, and a packed one holds no more than it has: 170,000 prefixes
 * take a megabyte, which stays in the processor's cache, and so cost about what a thousand do.
 */
export class PrefixIndex {
  /** While it is filled. A slot holds 0 for nothing, n > 0 for the node at n × 11, or −(value + 1) for a value without a node. */
  #slots = new Int32Array(FIRST_CAPACITY_NODES * NODE_SLOTS);
  #nodes = 1;
  /**
   * Once packed. A node is one word of bits (which digits go on, and whether a prefix ends here), then −(value + 1) if one
   * does, then for each digit in turn the place of its node, or −(value + 1) where nothing goes on.
   */
  #words: Int32Array | undefined;

  /** Gives the prefix a value of 0 or more unless it has one; the empty prefix matches every number. The value it has now. */
  setIfAbsent(prefix: string, value: number): number {
    if (this.#words !== undefined) throw new Error('a prefix cannot be added once numbers have been looked up');
    let node = 0;
    const last = prefix.length - 1;
    for (let at = 0; at < last; at += 1) node = this.#childOrNew(node * NODE_SLOTS + prefix.charCodeAt(at) - ZERO);
    let slot = node * NODE_SLOTS + (last < 0 ? VALUE_SLOT : prefix.charCodeAt(last) - ZERO);
    const held = this.#slots[slot] as number;
    if (held > 0) slot = held * NODE_SLOTS + VALUE_SLOT;
    const before = this.#slots[slot] as number;
    if (before !== 0) return -before - 1;
    this.#slots[slot] = -value - 1;
    return value;
  }

  /** The value of the longest prefix of an E.164 number, with or without its `+`; -1 where none matches. */
  longestMatch(number: string): number {
    const words = this.#words ?? this.pack();
    let found = 0;
    let node = 0;
    for (let at = number.charCodeAt(0) === PLUS ? 1 : 0; ; at += 1) {
      const bits = words[node] as number;
      let slot = node + 1;
      if (bits > ALL_DIGITS) {
        found = words[slot] as number;
        slot += 1;
      }
      // Beyond the number's end the digit is not a number, and no comparison with it holds.
      const digit = number.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit < DIGITS) || (bits & (1 << digit)) === 0) break;
      node = words[slot + (BITS_SET[bits & ((1 << digit) - 1)] as number)] as number;
      if (node < 0) {
        found = node;
        break;
      }
    }
    return -found - 1;
  }

  /** Values of all prefixes that the number begins with, the longest first. */
  matches(number: string): readonly number[] {
    const found: number[] = [];
    for (let length = number.length; length >= 0; length -= 1) {
      const value = this.longestMatch(number.slice(0, length));
      if (value === -1) break;
      if (found.at(-1) !== value) found.push(value);
    }
    return found;
  }

  /** After this nothing can be added. A deck does it while it is loaded, rather than during the first call. */
  pack(): Int32Array {
    const words: number[] = [];
    this.#packNode(0, words);
    this.#words = Int32Array.from(words);
    this.#slots = new Int32Array(0);
    return this.#words;
  }

  #packNode(node: number, words: number[]): number {
    const slots = this.#slots.subarray(node * NODE_SLOTS, (node + 1) * NODE_SLOTS);
    const place = words.push(0) - 1;
    const value = slots[VALUE_SLOT] as number;
    let bits = 0;
    if (value !== 0) {
      bits |= HAS_VALUE;
      words.push(value);
    }
    let slot = words.length;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      if (slots[digit] === 0) continue;
      bits |= 1 << digit;
      words.push(slots[digit] as number);
    }
    words[place] = bits;
    for (const end = words.length; slot < end; slot += 1) {
      const held = words[slot] as number;
      if (held > 0) words[slot] = this.#packNode(held, words);
    }
    return place;
  }

  #childOrNew(slot: number): number {
    const held = this.#slots[slot] as number;
    if (held > 0) return held;
    const node = this.#nodes;
    this.#nodes += 1;
    if (this.#nodes * NODE_SLOTS > this.#slots.length) this.#grow();
    this.#slots[slot] = node;
    this.#slots[node * NODE_SLOTS + VALUE_SLOT] = held;
    return node;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
