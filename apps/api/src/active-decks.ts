// HTTP's way to prices: a plan and an instant in, the rate deck that is active then out, or the problem that there is none.

import { setTimeout as delay } from 'node:timers/promises';
import type { Deck } from '@tollkeeper/rating';
import type { RateDecks } from './parts.js';
import { problem } from './problem.js';

/** At the start of the program, while the event store is slow to answer. */
const DECKS_WITHIN_MS = 5_000;

export class ActiveDecks {
  #areKnown = false;

  constructor(private readonly decks: RateDecks) {}

  /** @throws ProblemError when no deck is active, or the versions are not known yet. */
  async at(plan: string, atMs: number): Promise<Deck> {
    if (!this.#areKnown) await untilKnown(this.decks);
    this.#areKnown = true;
    const hash = this.decks.hashAt(plan, atMs);
    if (hash !== undefined) return this.decks.deck(hash);
    const instant = new Date(atMs).toISOString();
    throw problem('no-plan', `Plan ${plan} has no rate deck that is active at ${instant}; tollkeeper deck activate makes it so.`);
  }
}

/** Priced before every version is known, a call could meet one that has been replaced. */
export async function untilKnown(decks: RateDecks): Promise<void> {
  const late = delay(DECKS_WITHIN_MS, 'late', { ref: false });
  if ((await Promise.race([decks.ready, late])) === 'late') {
    throw problem('engine-unavailable', 'The rate decks have not been read from the event store yet.');
  }
}
