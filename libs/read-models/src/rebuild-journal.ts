// A rebuild's place in the read store, for whoever watches: begun, how far it is, ended. One at a time of each read model.

import { randomUUID } from 'node:crypto';
import type { ReadStore } from '@tollkeeper/read-store';
import type { Transaction } from 'kysely';
import type { RebuildRow, Tables } from './tables.js';

/** `position` of `target` is the share of the way, in positions of the event store. */
export type RebuildProgress = { readonly events: number; readonly position: bigint; readonly target: bigint };

/** An expected no, for whoever asked. */
export class RebuildRefused extends Error {}

/** A rebuild that has not said anything for so long has died. */
export const REBUILD_LEASE_MS = 60_000;
const SAY_EVERY_MS = 1_000;

type JournalParts = { readonly readStore: ReadStore<Tables>; readonly nowMs: () => number };

export class RebuildJournal {
  private readonly runId = randomUUID();
  private saidAtMs = 0;

  constructor(
    private readonly name: string,
    private readonly target: bigint,
    private readonly parts: JournalParts,
    private readonly onProgress: (progress: RebuildProgress) => void,
  ) {}

  /** @throws RebuildRefused while another rebuild of the read model is alive. */
  async begin(): Promise<void> {
    const { name } = this;
    const { readStore, nowMs } = this.parts;
    const now = isoOf(nowMs());
    const row: RebuildRow = {
      name,
      run_id: this.runId,
      state: 'running',
      events: 0,
      position: '0',
      target: String(this.target),
      started_at: now,
      updated_at: now,
      finished_at: null,
      error: null,
    };
    const begun = await readStore.write(async (tx) => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('read_model_rebuild')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet(row)
            .where((eb) =>
              eb.or([
                eb('read_model_rebuild.state', '<>', 'running'),
                eb('read_model_rebuild.updated_at', '<', isoOf(nowMs() - REBUILD_LEASE_MS)),
              ]),
            ),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    });
    if (!begun) throw new RebuildRefused(`${name} is being rebuilt already; wait until it is done`);
  }

  async say(progress: { readonly events: number; readonly position: bigint }): Promise<void> {
    const { nowMs } = this.parts;
    this.onProgress({ ...progress, target: this.target });
    if (nowMs() - this.saidAtMs < SAY_EVERY_MS) return;
    this.saidAtMs = nowMs();
    await this.set({ events: progress.events, position: String(progress.position) });
  }

  /**
   * In the transaction that puts the new rows in place: until it ends no other rebuild begins.
   * @throws RebuildRefused when another one has begun meanwhile, having taken this one for dead; what was built is its own then.
   */
  async assertOurs(tx: Transaction<Tables>): Promise<void> {
    const { numUpdatedRows } = await tx
      .updateTable('read_model_rebuild')
      .set({ updated_at: isoOf(this.parts.nowMs()) })
      .where('name', '=', this.name)
      .where('run_id', '=', this.runId)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return;
    throw new RebuildRefused(
      `another rebuild of ${this.name} has begun, since this one was silent for too long; wait for that one`,
    );
  }

  async end(state: 'done' | 'failed', events: number, error: string | null): Promise<void> {
    await this.set({ state, events, finished_at: isoOf(this.parts.nowMs()), error });
  }

  private async set(columns: Partial<RebuildRow>): Promise<void> {
    const updated_at = isoOf(this.parts.nowMs());
    await this.parts.readStore.write((tx) =>
      tx
        .updateTable('read_model_rebuild')
        .set({ ...columns, updated_at })
        .where('name', '=', this.name)
        .where('run_id', '=', this.runId)
        .execute(),
    );
  }
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
