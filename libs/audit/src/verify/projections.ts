// Proof of the read models: the ledger's events are folded anew into tables of a file of their own, as far as the live rows have come,
// and then both are compared row by row.
//
// The file keeps memory the same for a thousand rows and for millions; it stands in the folder for temporary files and is removed. What
// if the live rows move on meanwhile? They are compared in one transaction, which sees them and their checkpoint of one moment, and the
// replay is taken up to there first.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { STREAM_PREFIX, streamOf } from '@tollkeeper/ledger';
import { MIGRATIONS, placesOf, PROJECTIONS, Projector, type Projection, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { Line } from './findings.js';
import { compareTable, snapshotOf, type IsErased, type Snapshot } from './projection-rows.js';

const EVENTS_PER_BATCH = 2_000;
export const LEDGER_FIRST = 'Put the ledger right first: see what the hash chain and the balances tell of the revision.';

export type ProjectionsOptions = {
  readonly tenant?: string | undefined;
  /** Personal data of a row may be cleared when the key that sealed it was destroyed. */
  readonly isErased: IsErased;
  readonly signal?: AbortSignal | undefined;
};

type Replay = {
  readonly projection: Projection;
  readonly projector: Projector;
  readonly line: Line;
  /** As far as the live rows have come; undefined when they have not begun. */
  upTo: bigint | undefined;
  /** An event that cannot even be asked for its row. */
  hasFailed: boolean;
};

export class ProjectionsCheck {
  #batch: RecordedEvent[] = [];

  private constructor(
    private readonly live: ReadStore<Tables>,
    private readonly scratch: ReadStore<Tables>,
    private readonly folder: string,
    private readonly replays: readonly Replay[],
    private readonly options: ProjectionsOptions,
  ) {}

  static async open(live: ReadStore<Tables>, options: ProjectionsOptions): Promise<ProjectionsCheck> {
    const folder = await mkdtemp(join(tmpdir(), 'tollkeeper-verify-'));
    const scratch = await openReadStore<Tables>(`sqlite:${join(folder, 'replay.sqlite')}`);
    await scratch.migrate(MIGRATIONS);
    const replays: Replay[] = [];
    for (const projection of PROJECTIONS) {
      const { name } = projection.model;
      const projector = new Projector(projection, scratch, () => undefined);
      const line = new Line(`projection ${name}`, `Build it anew from the ledger: tollkeeper rebuild ${name}`);
      replays.push({ projection, projector, line, upTo: await live.checkpoint(name), hasFailed: false });
    }
    return new ProjectionsCheck(live, scratch, folder, replays, options);
  }

  /** In order of position. */
  async see(events: readonly RecordedEvent[]): Promise<void> {
    this.#batch.push(...events);
    if (this.#batch.length >= EVENTS_PER_BATCH) await this.#fold();
  }

  async #fold(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    for (const replay of this.replays) {
      const { upTo, projector, line } = replay;
      if (upTo === undefined || replay.hasFailed) continue;
      const within = batch.filter(({ position }) => position <= upTo);
      const last = within.at(-1);
      if (last === undefined) continue;
      try {
        await projector.handle(within, last.position);
        await nextTurn();
      } catch (error) {
        replay.hasFailed = true;
        line.differs({ stream: '', revision: null }, `a replay cannot go on: ${(error as Error).message}`);
      }
    }
  }

  /** Once the ledger was read: one line for each read model. */
  async end(store: EventStore): Promise<readonly Line[]> {
    await this.#fold();
    await snapshotOf(this.live, async (snapshot) => {
      await this.#catchUp(store, snapshot);
      for (const replay of this.replays) await this.#compare(snapshot, replay);
    });
    return this.replays.map(({ line }) => line);
  }

  /** To where the live rows are by now. Whoever has seen an event passes over it. */
  async #catchUp(store: EventStore, snapshot: Snapshot): Promise<void> {
    const { tenant } = this.options;
    let after: bigint | undefined;
    for (const replay of this.replays) {
      const moved = await snapshot.checkpoint(replay.projection.model.name);
      if (replay.upTo === undefined) continue;
      if (moved === undefined || moved < replay.upTo) replay.line.notChecked = 'the read model was rebuilt meanwhile; run again';
      if (moved === undefined || moved <= replay.upTo) continue;
      if (after === undefined || replay.upTo < after) after = replay.upTo;
      replay.upTo = moved;
    }
    if (after === undefined) return;
    const streamPrefix = tenant === undefined ? STREAM_PREFIX : streamOf(tenant);
    for await (const page of store.readAll({ streamPrefix, after })) {
      await this.see(tenant === undefined ? page : page.filter(({ stream }) => stream === streamPrefix));
    }
    await this.#fold();
  }

  async #compare(snapshot: Snapshot, { projection, projector, line, upTo, hasFailed }: Replay): Promise<void> {
    const { model } = projection;
    if (upTo === undefined) line.notChecked = 'it has not begun; start the projections program';
    if (line.notChecked !== undefined || upTo === undefined || hasFailed) return;
    const replayed = await this.scratch.db.selectFrom('set_aside').selectAll().where('model', '=', projector.name).execute();
    const aside = new Map((await snapshot.setAside(model.name)).map((row) => [row.tenant, row]));
    for (const { tenant, revision, reason } of replayed) {
      if (!aside.has(tenant))
        line.differs({ stream: streamOf(tenant), revision }, `a replay cannot fold it: ${reason}`, LEDGER_FIRST);
    }
    for (const { tenant, revision, reason } of aside.values()) {
      if (this.options.tenant !== undefined && this.options.tenant !== tenant) continue;
      line.remark(`tenant ${tenant} is set aside since revision ${revision}, its rows were not compared: ${reason}`);
    }
    const skipped = new Set([...aside.keys(), ...replayed.map(({ tenant }) => tenant)]);
    for (const place of placesOf(projection)) {
      await compareTable({ ...place, line, live: snapshot.db, replayed: this.scratch.db, skipped, ...this.options });
    }
  }

  async close(): Promise<void> {
    await this.scratch.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
