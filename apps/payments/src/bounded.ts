// Between a list of work and those who do it: at most so many pieces side by side, each of them tried, the first error last.

/** Every item is worked on, also when another one fails; then the first error is thrown. */
export async function forEachBounded<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const errors: unknown[] = [];
  const workers = Array.from({ length: limit }, async () => {
    // The queue is one and the same, so every worker takes what no other has taken.
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      await work(next.value).catch((error: unknown) => errors.push(error));
    }
  });
  await Promise.all(workers);
  if (errors.length > 0) throw errors[0];
}
