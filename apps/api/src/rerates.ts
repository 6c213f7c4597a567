// Rate step once more, on request: a period comes in; the calls of it are rated anew, debits whose amount is another are replaced, and
// how far it is and what changed goes out.
//
// What if it is asked for twice? The second time every debit has the amount that rating says. The client goes away? It goes on to the
// end. We stop or die in between? Each pair is one append; the next request finds what is left.

import { randomUUID } from 'node:crypto';
import { Rerating, type Changes, type Replaced } from '@tollkeeper/operations';
import { Stopped, type Background } from './background.js';
import type { Decks } from './decks.js';
import type { ApiParts } from './parts.js';
import { problem, refusedByLedger } from './problem.js';
import type { RerateBody } from './upkeep-requests.js';

export type RerateResult = Changes & { readonly written: number; readonly rerateId: string };
export type RerateProgress = { readonly rated: number } | { readonly replaced: number; readonly of: number };
export type Tell = (progress: RerateProgress) => void;

type RerateParts = Pick<ApiParts, 'eventStore' | 'decks' | 'ring' | 'streamWriter'>;

export class Rerates {
  readonly #parts: RerateParts;
  readonly #decks: Decks;
  readonly #background: Background;
  #isRunning = false;

  constructor(parts: RerateParts, decks: Decks, background: Background) {
    this.#parts = parts;
    this.#decks = decks;
    this.#background = background;
  }

  /** What can be refused is refused before anything is begun. @throws ProblemError */
  async begin(asked: RerateBody, tell: Tell): Promise<{ readonly ended: Promise<RerateResult> }> {
    this.#background.refuseWhenStopping();
    if (Date.parse(asked.to) <= Date.parse(asked.from)) {
      const errors = [{ pointer: '#/to', detail: 'to must be later than from' }];
      throw problem('request-invalid', 'to must be later than from.', { errors });
    }
    const { eventStore: store, decks, ring, streamWriter: writer } = this.#parts;
    const hash = asked.deck === undefined ? undefined : await this.#decks.hashOf(asked.deck);
    const deck = hash === undefined ? undefined : await decks.deck(hash);
    await this.#decks.known();
    if (this.#isRunning) throw problem('rerate-running', 'Calls are being rated anew already; wait until that is done.');
    this.#isRunning = true;
    const ended = this.#run(new Rerating({ store, decks, ring, writer }, deck), asked, tell);
    this.#background.run('rerate', async () => void (await ended.catch(() => undefined)));
    return { ended };
  }

  async #run(rerating: Rerating, { from, to, tenant, author }: RerateBody, tell: Tell): Promise<RerateResult> {
    const { signal } = this.#background;
    const rerateId = randomUUID();
    let [rated, replaced] = [0, 0];
    try {
      const period = { fromMs: Date.parse(from), toMs: Date.parse(to), tenant };
      const found = await rerating.changes(period, (count) => {
        signal.throwIfAborted();
        tell({ rated: (rated += count) });
      });
      const of = found.changes.length;
      const outcome = await rerating.write(found.changes, { rerateId, author }, (count) => {
        tell({ replaced: (replaced += count), of });
        signal.throwIfAborted();
      });
      if (outcome.refusal !== undefined) throw refused(outcome, outcome.refusal);
      return { ...found, written: outcome.written, rerateId };
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      throw problem('shutting-down', `The service is stopping; ${replaced} debits were replaced, send the request again.`);
    } finally {
      this.#isRunning = false;
    }
  }
}

function refused({ written }: Replaced, { tenant, code, reason }: NonNullable<Replaced['refusal']>) {
  return refusedByLedger({
    code,
    reason: `tenant ${tenant}: ${reason}; ${written} debits were replaced, send the request again`,
  });
}
