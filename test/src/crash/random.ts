// Crash test and simulation, their dice: a seed comes in, the same throws in the same order go out.

export type Random = {
  /** From 0 up to, and not, 1. */
  fraction(): number;
  /** A whole number from 0 up to, and not, `end`. */
  below(end: number): number;
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
};

/** Mulberry32: 32 bits of state are enough for a test and fit in a line of output. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(fraction() * end);
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new Error('nothing to pick from');
    return items[below(items.length)] as Item;
  };
  return {
    fraction,
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => fraction() < probability,
    pick,
    shuffled(items) {
      const mixed = [...items];
      for (let at = mixed.length - 1; at > 0; at -= 1) {
        const other = below(at + 1);
        const held = mixed[at] as (typeof mixed)[number];
        mixed[at] = mixed[other] as (typeof mixed)[number];
        mixed[other] = held;
      }
      return mixed;
    },
  };
}
