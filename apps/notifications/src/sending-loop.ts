// Between rows that are due and what sends them: claims come in as long as there is room, each is worked on side by side, so that a
// slow receiver holds nobody else up.

import { setTimeout as delay } from 'node:timers/promises';

export type Sending<Item> = {
  /** Most that are worked on at once. */
  readonly concurrency: number;
  /** Takes at most `free` of what is due, for nobody else to take; `busy` says how many of each key are in hand. */
  claim(free: number, busy: ReadonlyMap<string, number>): Promise<readonly Item[]>;
  /** Whom the item is for. */
  keyOf(item: Item): string;
  /** Settles the item whatever comes of it; what it throws leaves the claim to run out, and the item to be claimed again. */
  send(item: Item, signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
};

/** What is being sent when the program stops may take this long; then it is left to its claim's end. */
const STOP_GRACE_MS = 3_000;

export class SendingLoop<Item> {
  readonly #sending: Sending<Item>;
  readonly #inHand = new Set<Promise<void>>();
  readonly #busy = new Map<string, number>();
  readonly #stopping = new AbortController();
  #stopped = false;
  #running: Promise<void> | undefined;
  #wake = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(sending: Sending<Item>) {
    this.#sending = sending;
  }

  /** Looks for what is due every so often, and whenever `wake` says that something may be. */
  start(everyMs: number): void {
    this.#timer = setInterval(() => this.wake(), everyMs);
    this.wake();
  }

  wake(): void {
    this.sendDue().catch(this.#sending.onError);
  }

  /** Resolves when nothing is due any more and nothing is in hand. */
  sendDue(): Promise<void> {
    this.#wake.resolve();
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    this.#wake.resolve();
    const ended = Promise.allSettled([this.#running, ...this.#inHand]);
    const grace = new AbortController();
    await Promise.race([ended, delay(STOP_GRACE_MS, undefined, { signal: grace.signal }).catch(() => undefined)]);
    grace.abort();
    this.#stopping.abort(new Error('The notifications program is stopping'));
  }

  async #run(): Promise<void> {
    const { concurrency, claim } = this.#sending;
    for (;;) {
      this.#wake = Promise.withResolvers<void>();
      const free = this.#stopped ? 0 : concurrency - this.#inHand.size;
      const claimed = free > 0 ? await claim(free, this.#busy) : [];
      for (const item of claimed) this.#begin(item);
      if (claimed.length > 0 && this.#inHand.size < concurrency) continue;
      if (this.#inHand.size === 0) return;
      await Promise.race([this.#wake.promise, ...this.#inHand]);
    }
  }

  #begin(item: Item): void {
    const { keyOf, send, onError } = this.#sending;
    const key = keyOf(item);
    this.#busy.set(key, (this.#busy.get(key) ?? 0) + 1);
    const working = send(item, this.#stopping.signal)
      .catch((error: unknown) => {
        if (!this.#stopped) onError(error);
      })
      .finally(() => {
        const left = (this.#busy.get(key) ?? 1) - 1;
        if (left === 0) this.#busy.delete(key);
        else this.#busy.set(key, left);
        this.#inHand.delete(working);
      });
    this.#inHand.add(working);
  }
}
