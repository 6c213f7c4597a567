// Proof of the ledger on request: it is verified in the background, and its row says how far it is and in the end what differs, to
// whichever process is asked.
//
// What if it is asked for twice? The second time is refused while the first goes on. We stop? It ends as failed. We die? Its row says
// nothing any more, and after a minute it counts as failed.

import { randomUUID } from 'node:crypto';
import { verifyLedger, type LedgerParts, type LedgerVerification } from '@tollkeeper/audit';
import { REBUILD_LEASE_MS, type VerificationRow } from '@tollkeeper/read-models';
import type { Background } from './background.js';
import { assertKnown } from './known-account.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';
import type { ReadModelStore } from './read-model-store.js';
import type { CheckView, VerificationView } from './upkeep-answers.js';

const SAY_EVERY_MS = 1_000;
/** Only the newest is shown; the others are for whoever looks into the table. */
const ROWS_KEPT = 20;
const NO_GATEWAY =
  "the API does not know the gateway's list of payments; tollkeeper verify with the settings of payments compares with it";

export class Verifications {
  readonly #parts: ApiParts;
  readonly #store: ReadModelStore;
  readonly #background: Background;

  constructor(parts: ApiParts, store: ReadModelStore, background: Background) {
    this.#parts = parts;
    this.#store = store;
    this.#background = background;
  }

  /** @throws ProblemError while another one is running, or when the tenant has no account. */
  async begin(tenant: string | undefined): Promise<VerificationView> {
    this.#background.refuseWhenStopping();
    // Nothing would differ, and a slip of the pen would look like proof.
    if (tenant !== undefined) await assertKnown(this.#parts.eventStore, tenant);
    const now = this.#now();
    const row: VerificationRow = {
      verification_id: `${now} ${randomUUID()}`,
      state: 'running',
      tenant: tenant ?? null,
      started_at: now,
      updated_at: now,
      finished_at: null,
      checks: '[]',
      error: null,
    };
    if (!(await this.#enter(row))) {
      throw problem('verification-running', 'The ledger is being verified already; GET /v1/operations tells how far it is.');
    }
    this.#background.run('verification', () => this.#run(row));
    return this.#viewOf(row);
  }

  /** Null before the first one. */
  async newest(): Promise<VerificationView | null> {
    const { db } = this.#store.asTheyAre;
    const rows = db.selectFrom('verification').selectAll().orderBy('started_at', 'desc').orderBy('verification_id', 'desc');
    const row = await rows.limit(1).executeTakeFirst();
    return row === undefined ? null : this.#viewOf(row);
  }

  async #enter(row: VerificationRow): Promise<boolean> {
    const store = await this.#store.ready();
    const aliveAfter = new Date(this.#parts.options.nowMs() - REBUILD_LEASE_MS).toISOString();
    return store.write(async (tx) => {
      const rows = tx.selectFrom('verification').select('verification_id');
      const alive = rows.where('state', '=', 'running').where('updated_at', '>=', aliveAfter);
      if ((await alive.executeTakeFirst()) !== undefined) return false;
      await tx.insertInto('verification').values(row).execute();
      const kept = await rows.orderBy('verification_id', 'desc').limit(ROWS_KEPT).execute();
      const oldest = kept.at(-1)?.verification_id ?? '';
      await tx.deleteFrom('verification').where('verification_id', '<', oldest).execute();
      return true;
    });
  }

  async #run(row: VerificationRow): Promise<void> {
    const { signal } = this.#background;
    const { logger, options } = this.#parts;
    let read = 0;
    let saidAtMs = performance.now();
    let saying: Promise<void> = Promise.resolve();
    const say = (events: number): void => {
      read += events;
      if (performance.now() - saidAtMs < SAY_EVERY_MS) return;
      saidAtMs = performance.now();
      const checks: readonly CheckView[] = [{ name: 'events read', checked: read, differ: 0 }];
      saying = saying
        .then(() => this.#set(row, { checks: JSON.stringify(checks) }))
        .catch((error: unknown) => logger.warn({ error }, 'The verification could not say how far it is'));
    };
    // Between pages, and while rows are compared, which may take minutes: a sign of life.
    const alive = setInterval(() => say(0), SAY_EVERY_MS);
    try {
      const tenant = row.tenant ?? undefined;
      const found = await verifyLedger(await this.#ledger(), { tenant, nowMs: options.nowMs(), signal }, say);
      signal.throwIfAborted();
      clearInterval(alive);
      await saying;
      const checks = JSON.stringify(checksOf(found));
      await this.#set(row, { state: 'done', checks, finished_at: this.#now() });
      const differ = found.checks.reduce((sum, line) => sum + line.differ, 0);
      logger[differ === 0 ? 'info' : 'error']({ events: found.events, differ }, 'The ledger is verified');
    } catch (error) {
      clearInterval(alive);
      await saying;
      await this.#set(row, { state: 'failed', error: String(error), finished_at: this.#now() });
      throw error;
    }
  }

  async #ledger(): Promise<LedgerParts> {
    const { eventStore, decks, ring, payments } = this.#parts;
    const gateway = payments ?? { notChecked: NO_GATEWAY };
    return { store: eventStore, decks, ring, readStore: await this.#store.ready(), gateway };
  }

  async #set({ verification_id: id }: VerificationRow, columns: Partial<VerificationRow>): Promise<void> {
    const store = await this.#store.ready();
    await store.write((tx) =>
      tx
        .updateTable('verification')
        .set({ ...columns, updated_at: this.#now() })
        .where('verification_id', '=', id)
        .execute(),
    );
  }

  #viewOf({ state, tenant, checks, error, ...at }: VerificationRow): VerificationView {
    const { started_at: startedAt, updated_at: updatedAt, finished_at: finishedAt } = at;
    const told = { tenant, startedAt, checks: JSON.parse(checks) as readonly CheckView[] };
    if (state !== 'running' || Date.parse(updatedAt) >= this.#parts.options.nowMs() - REBUILD_LEASE_MS) {
      return { state, ...told, finishedAt, error };
    }
    const died = 'whoever verified has given no sign of life for a minute; begin again';
    return { state: 'failed', ...told, finishedAt: updatedAt, error: died };
  }

  #now(): string {
    return new Date(this.#parts.options.nowMs()).toISOString();
  }
}

function checksOf({ checks, differences }: LedgerVerification): readonly CheckView[] {
  return checks.map((line) => {
    const first = differences.filter(({ check }) => check === line.name);
    return {
      ...line,
      differences: first.map(({ stream, revision, found, advice }) => ({ stream, revision, found, advice })),
    };
  });
}
