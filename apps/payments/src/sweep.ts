// Payment step's second way in: on a timer, the recharges that the read model has as open → the same work as for a command.
//
// It takes up what no message asks for again: a decline whose back-off has ended, a payment that was processing, an outcome
// that stayed unknown, a recharge whose command was put aside. The list may be behind or shared with other processes: the
// stream decides what is due. An error of one recharge leaves the others alone, and the next sweep tries it again.

import { forEachBounded } from './bounded.js';
import type { PaymentProcess, Progress } from './payment-process.js';
import type { RechargeKey } from './recharges.js';

const MAX_RECHARGES_AT_ONCE = 4;

export type OpenRecharges = () => Promise<readonly RechargeKey[]>;

/** Told of each pass and each recharge, for metrics, logs and readiness. */
export type SweepWatch = {
  onListed(): void;
  onNotListed(error: unknown): void;
  onSwept(key: RechargeKey, progress: Progress): void;
  onFailed(key: RechargeKey, error: unknown): void;
};

export type SweepParts = {
  readonly process: PaymentProcess;
  readonly openRecharges: OpenRecharges;
  readonly watch: SweepWatch;
  readonly intervalMs: number;
};

export class Sweep {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(private readonly parts: SweepParts) {}

  /** The first sweep begins at once: a process that died may have left work behind. */
  start(): void {
    void this.#sweepAndWait();
  }

  /** One pass over all that is open; a pass that is under way is joined. */
  sweep(): Promise<void> {
    this.#running ??= this.#sweep().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Resolves when the recharges in hand are done; no further ones are begun. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** The interval lies between two sweeps, so that a slow gateway cannot pile them up. */
  async #sweepAndWait(): Promise<void> {
    await this.sweep();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#sweepAndWait(), this.parts.intervalMs);
  }

  async #sweep(): Promise<void> {
    const { process, watch } = this.parts;
    await forEachBounded(await this.#list(), MAX_RECHARGES_AT_ONCE, async (key) => {
      if (this.#stopped) return;
      await process.work(key).then(
        (progress) => watch.onSwept(key, progress),
        (error: unknown) => watch.onFailed(key, error),
      );
    });
  }

  async #list(): Promise<readonly RechargeKey[]> {
    const { openRecharges, watch } = this.parts;
    try {
      const open = await openRecharges();
      watch.onListed();
      return open;
    } catch (error) {
      watch.onNotListed(error);
      return [];
    }
  }
}
