// Bench, the one way of measuring a rate: counts as they rise come in; the rate behind the warm-up goes out.

import { warmUpOf } from './sizes.js';

/** Of the machine's monotonic clock, which all its processes and their CPU profiles share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export type Span = {
  /** What was done between the two instants, which is all but the warm-up. */
  readonly events: number;
  readonly fromMs: number;
  readonly toMs: number;
};

export function ratePerSecond({ events, fromMs, toMs }: Span): number {
  return (events / (toMs - fromMs)) * 1000;
}

/** Told of the count whenever it has risen; begins to measure once the warm-up is over. */
export class Stopwatch {
  readonly #total: number;
  readonly #done = Promise.withResolvers<Span>();
  #start: { readonly count: number; readonly atMs: number } | undefined;
  #count = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Resolves when all is done. */
  get span(): Promise<Span> {
    return this.#done.promise;
  }

  get count(): number {
    return this.#count;
  }

  get isMeasuring(): boolean {
    return this.#start !== undefined;
  }

  add(count: number): void {
    this.at(this.#count + count);
  }

  at(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    const atMs = monotonicMs();
    if (this.#start === undefined && count >= warmUpOf(this.#total)) this.#start = { count, atMs };
    if (count >= this.#total && this.#start !== undefined) {
      this.#done.resolve({ events: count - this.#start.count, fromMs: this.#start.atMs, toMs: atMs });
    }
  }
}
