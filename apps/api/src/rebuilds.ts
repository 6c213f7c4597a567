// Read models built anew on request: names come in; one after another they are built beside the live rows, in the background, and the
// table of rebuilds says how far each is, to whichever process is asked.
//
// What if it is asked for twice? The second time is refused while the first goes on. We stop? The rebuild ends as failed, and the live
// rows are as they were. We die? Its row says nothing any more, and after a minute it counts as failed.

import { readModelNames, REBUILD_LEASE_MS, rebuildReadModel, RebuildRefused, type RebuildRow } from '@tollkeeper/read-models';
import type { Background } from './background.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';
import type { ReadModelStore } from './read-model-store.js';
import type { RebuildView } from './upkeep-answers.js';

type Asked = { readonly name: string; readonly askedAt: string };

export class Rebuilds {
  readonly #parts: Pick<ApiParts, 'eventStore' | 'logger' | 'options'>;
  readonly #store: ReadModelStore;
  readonly #background: Background;
  /** In their order, with the one that is under way. */
  readonly #asked: Asked[] = [];

  constructor(parts: Pick<ApiParts, 'eventStore' | 'logger' | 'options'>, store: ReadModelStore, background: Background) {
    this.#parts = parts;
    this.#store = store;
    this.#background = background;
  }

  /** Of one read model, or of all. @throws ProblemError while one of them is being rebuilt. */
  async ask(name: string | undefined): Promise<readonly RebuildView[]> {
    this.#background.refuseWhenStopping();
    await this.#store.ready();
    const names = name === undefined ? readModelNames() : [name];
    const running = (await this.views()).filter((view) => view.state === 'running').map((view) => view.name);
    // Somebody else may have asked while the table was read.
    const taken = new Set([...running, ...this.#asked.map((each) => each.name)]);
    const which = names.filter((each) => taken.has(each));
    if (which.length > 0) {
      throw problem('rebuild-running', `${which.join(', ')}: being rebuilt already; wait until it is done.`);
    }
    const askedAt = new Date(this.#parts.options.nowMs()).toISOString();
    const isIdle = this.#asked.length === 0;
    this.#asked.push(...names.map((each) => ({ name: each, askedAt })));
    if (isIdle) this.#background.run('rebuild', () => this.#rebuildAll());
    return names.map((each) => waiting({ name: each, askedAt }));
  }

  async views(): Promise<readonly RebuildView[]> {
    const { db } = this.#store.asTheyAre;
    const rows = await db.selectFrom('read_model_rebuild').selectAll().orderBy('name').execute();
    const asked = new Map(this.#asked.map((each) => [each.name, each]));
    const known = rows.map((row) => {
      const ours = asked.get(row.name);
      asked.delete(row.name);
      if (ours === undefined) return viewOf(row, this.#parts.options.nowMs());
      return row.state === 'running' ? viewOf(row) : waiting(ours);
    });
    return [...known, ...[...asked.values()].map(waiting)];
  }

  async #rebuildAll(): Promise<void> {
    for (;;) {
      const [next] = this.#asked;
      if (next === undefined) return;
      try {
        await this.#rebuild(next.name);
      } finally {
        this.#asked.shift();
      }
    }
  }

  /** One that fails says so in its row, and the others go on. */
  async #rebuild(name: string): Promise<void> {
    const { eventStore, logger, options } = this.#parts;
    const { signal } = this.#background;
    signal.throwIfAborted();
    try {
      const parts = { eventStore, readStore: await this.#store.ready(), nowMs: options.nowMs };
      const { events } = await rebuildReadModel(name, parts, () => signal.throwIfAborted());
      logger.info({ name, events }, 'The read model is rebuilt');
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RebuildRefused) logger.warn({ name, error }, 'The read model is being rebuilt elsewhere');
      else logger.error({ name, error }, 'The read model could not be rebuilt; its live rows are as they were');
    }
  }
}

/** Not begun yet: it is its turn when those before it are done. */
function waiting({ name, askedAt }: Asked): RebuildView {
  return { name, state: 'running', events: 0, total: null, startedAt: askedAt, finishedAt: null, error: null };
}

/** @param nowMs to tell that whoever ran it has died; undefined for our own, which live. */
function viewOf(row: RebuildRow, nowMs?: number): RebuildView {
  const { name, state, events, started_at: startedAt, finished_at: finishedAt, error } = row;
  if (state === 'running' && nowMs !== undefined && Date.parse(row.updated_at) < nowMs - REBUILD_LEASE_MS) {
    const died = 'whoever rebuilt it has given no sign of life for a minute; begin again';
    return { name, state: 'failed', events, total: totalOf(row), startedAt, finishedAt: row.updated_at, error: died };
  }
  return { name, state, events, total: totalOf(row), startedAt, finishedAt, error };
}

/** Events are counted when they are read, and until then guessed from how far their positions go. */
function totalOf({ state, events, position, target }: RebuildRow): number | null {
  if (state === 'done') return events;
  const [at, end] = [Number(position), Number(target)];
  if (at <= 0 || events === 0) return null;
  return Math.max(events, Math.round((events * end) / at));
}
