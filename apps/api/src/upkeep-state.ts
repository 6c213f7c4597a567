// HTTP's look at how everything runs: read models and intake against what there is for them, dead letters, the long works. A page that
// is left open asks all the time, so an answer stands for a second, and longer where it was dear.

import { lagOf } from '@tollkeeper/operations';
import { readModelNames, type Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { ApiParts } from './parts.js';
import type { ReadModelStore } from './read-model-store.js';
import type { DeadLetterCounts, IntakeView, ReadModelView } from './upkeep-answers.js';

const KEPT_MS = 1_000;
/** So that at most a tenth of the time goes into answers. */
const KEPT_TIMES_ITS_COST = 10;

export type UpkeepState = {
  readonly readModels: readonly ReadModelView[];
  readonly intake: IntakeView;
  readonly deadLetters: DeadLetterCounts;
};

export class UpkeepStates {
  readonly #parts: Pick<ApiParts, 'eventStore' | 'bus' | 'logger' | 'options'>;
  readonly #store: ReadModelStore;
  #kept: { readonly state: Promise<UpkeepState>; untilMs: number } | undefined;

  constructor(parts: Pick<ApiParts, 'eventStore' | 'bus' | 'logger' | 'options'>, store: ReadModelStore) {
    this.#parts = parts;
    this.#store = store;
  }

  state(): Promise<UpkeepState> {
    const askedAtMs = performance.now();
    if (this.#kept !== undefined && askedAtMs < this.#kept.untilMs) return this.#kept.state;
    const kept = { state: this.#look(), untilMs: Infinity };
    this.#kept = kept;
    const keep = (atLeastMs: number): void => {
      const nowMs = performance.now();
      kept.untilMs = nowMs + Math.max(atLeastMs, (nowMs - askedAtMs) * KEPT_TIMES_ITS_COST);
    };
    void kept.state.then(
      () => keep(KEPT_MS),
      () => keep(0),
    );
    return kept.state;
  }

  async #look(): Promise<UpkeepState> {
    const store = this.#store.asTheyAre;
    const [readModels, intake, deadLetters] = await Promise.all([this.#readModels(store), this.#intake(), lettersIn(store)]);
    return { readModels, intake, deadLetters };
  }

  async #readModels(store: ReadStore<Tables>): Promise<readonly ReadModelView[]> {
    const names = readModelNames();
    const rows = await store.db.selectFrom('set_aside').selectAll().where('model', 'in', names).orderBy('tenant').execute();
    const counted = new Map<bigint | undefined, Promise<number>>();
    return Promise.all(
      names.map(async (name): Promise<ReadModelView> => {
        const after = await store.checkpoint(name);
        const counting = counted.get(after) ?? lagOf(this.#parts.eventStore, after);
        counted.set(after, counting);
        const setAside = rows
          .filter(({ model }) => model === name)
          .map(({ tenant, revision, reason }) => ({ tenant, revision, reason }));
        return { name, lagEvents: await counting, setAside };
      }),
    );
  }

  async #intake(): Promise<IntakeView> {
    const { bus, logger, options } = this.#parts;
    const topic = options.cdrTopic;
    try {
      return { topic, lag: Number(await bus.lag(options.ratingGroup, [topic])) };
    } catch (error) {
      logger.warn({ topic, error }, 'The bus does not say how far behind rating is');
      return { topic, lag: null };
    }
  }
}

async function lettersIn({ db }: ReadStore<Tables>): Promise<DeadLetterCounts> {
  const rows = await db
    .selectFrom('dead_letter')
    .select(['code', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('code')
    .execute();
  const byCode = rows.toSorted((left, right) => right.count - left.count || left.code.localeCompare(right.code));
  return { total: byCode.reduce((sum, { count }) => sum + count, 0), byCode };
}
