// Rating, the look-up: prefixes of one plan, currency and category in, the longest that a number begins with out.

const DIGITS = 10;
const ZERO = 48;
const PLUS = 43;
/** Ten slots for the next digit, and one for the value of the prefix that ends here. */
const NODE_SLOTS = DIGITS + 1;
const VALUE_SLOT = DIGITS;
const FIRST_CAPACITY_NODES = 64;

/**
 * A digit trie in one typed array. A look-up takes one step per digit of the match and allocates nothing, so it costs the
 * same for a thousand and for a million prefixes. A prefix that none continues is no node but a negative number in its
 * parent's slot: most prefixes are such, and without them the trie stays small enough for the processor's cache.
 */
export class PrefixIndex {
  /** A slot holds 0 for nothing, n > 0 for the node at n × 11, or −(value + 1) for a value without a node. */
  #slots = new Int32Array(FIRST_CAPACITY_NODES * NODE_SLOTS);
  #nodes = 1;

  /** Gives the prefix a value of 0 or more unless it has one; the empty prefix matches every number. The value it has now. */
  setIfAbsent(prefix: string, value: number): number {
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
    const slots = this.#slots;
    let found = slots[VALUE_SLOT] as number;
    let node = 0;
    for (let at = number.charCodeAt(0) === PLUS ? 1 : 0; at < number.length; at += 1) {
      const digit = number.charCodeAt(at) - ZERO;
      if (digit < 0 || digit >= DIGITS) break;
      node = slots[node * NODE_SLOTS + digit] as number;
      if (node <= 0) {
        if (node < 0) found = node;
        break;
      }
      const here = slots[node * NODE_SLOTS + VALUE_SLOT] as number;
      if (here !== 0) found = here;
    }
    return -found - 1;
  }

  /** Values of all prefixes that the number begins with, the longest first. */
  matches(number: string): readonly number[] {
    const slots = this.#slots;
    const found: number[] = [];
    const whole = slots[VALUE_SLOT] as number;
    if (whole !== 0) found.push(-whole - 1);
    let node = 0;
    for (let at = number.charCodeAt(0) === PLUS ? 1 : 0; at < number.length; at += 1) {
      const digit = number.charCodeAt(at) - ZERO;
      if (digit < 0 || digit >= DIGITS) break;
      node = slots[node * NODE_SLOTS + digit] as number;
      const here = node < 0 ? node : node === 0 ? 0 : (slots[node * NODE_SLOTS + VALUE_SLOT] as number);
      if (here !== 0) found.push(-here - 1);
      if (node <= 0) break;
    }
    return found.toReversed();
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
