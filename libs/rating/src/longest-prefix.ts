// Rating, the look-up: prefixes of one plan, currency and category in, the longest that a number begins with out.

const DIGITS = 10;
const ZERO = 48;
const PLUS = 43;
const FIRST_CAPACITY_NODES = 64;

/**
 * A digit trie in typed arrays. A look-up takes one step per digit of the match and allocates nothing, so it costs the
 * same for a thousand and for a million prefixes; a node is 44 bytes.
 */
export class PrefixIndex {
  /** Ten children per node; 0 is none, since nothing leads back to the root. */
  #children = new Int32Array(FIRST_CAPACITY_NODES * DIGITS);
  /** Value at a node plus 1; 0 is none. */
  #values = new Int32Array(FIRST_CAPACITY_NODES);
  #nodes = 1;

  /** Gives the prefix a value of 0 or more; the empty prefix matches every number. The value it had before, or undefined. */
  set(prefix: string, value: number): number | undefined {
    let node = 0;
    for (let at = 0; at < prefix.length; at += 1) node = this.#childOrNew(node, prefix.charCodeAt(at) - ZERO);
    const before = this.#values[node] as number;
    this.#values[node] = value + 1;
    return before === 0 ? undefined : before - 1;
  }

  /** The value of the longest prefix of an E.164 number, with or without its `+`; -1 where none matches. */
  longestMatch(number: string): number {
    let node = 0;
    let value = this.#values[0] as number;
    for (let at = number.charCodeAt(0) === PLUS ? 1 : 0; at < number.length; at += 1) {
      const digit = number.charCodeAt(at) - ZERO;
      if (digit < 0 || digit >= DIGITS) break;
      node = this.#children[node * DIGITS + digit] as number;
      if (node === 0) break;
      const here = this.#values[node] as number;
      if (here !== 0) value = here;
    }
    return value - 1;
  }

  #childOrNew(node: number, digit: number): number {
    const slot = node * DIGITS + digit;
    const child = this.#children[slot] as number;
    if (child !== 0) return child;
    if (this.#nodes === this.#values.length) this.#grow();
    this.#children[slot] = this.#nodes;
    this.#nodes += 1;
    return this.#nodes - 1;
  }

  #grow(): void {
    const children = new Int32Array(this.#children.length * 2);
    children.set(this.#children);
    this.#children = children;
    const values = new Int32Array(this.#values.length * 2);
    values.set(this.#values);
    this.#values = values;
  }
}
