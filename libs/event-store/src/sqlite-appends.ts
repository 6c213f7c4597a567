// The writing half of the SQLite event store: appends of one turn of the event loop come in, one transaction goes to disk.
//
// An fsync costs far more than an insert. So appends are collected until the turn ends and share one BEGIN IMMEDIATE … COMMIT;
// each is checked before it is inserted, and a refused one refuses only itself.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EventStoreError, type AppendResult } from './event-store.js';
import { isBusy, isIoError, sqliteError } from './sqlite-database.js';
import { wrongExpectedRevision, type StoredForm } from './stored-form.js';

type Append = {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly StoredForm[];
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: EventStoreError) => void;
};

/** Keeps the process responsive: a larger group saves no further fsync worth having, but holds up the event loop. */
const MAX_GROUP_EVENTS = 2000;
const BUSY_RETRY_MS = 25;
const BUSY_GIVE_UP_MS = 5000;

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #onCommit: () => void;
  readonly #head: StatementSync;
  readonly #standing: StatementSync;
  readonly #insert: StatementSync;
  #queue: Append[] = [];
  #scheduled = false;
  #busySinceMs: number | undefined;

  constructor(database: DatabaseSync, onCommit: () => void) {
    this.#database = database;
    this.#onCommit = onCommit;
    this.#head = database.prepare('SELECT coalesce(max(revision), -1) AS head FROM events WHERE stream = ?');
    this.#standing = database.prepare(
      'SELECT id, revision, position FROM events WHERE stream = ? AND revision > ? ORDER BY revision LIMIT ?',
    );
    this.#insert = database.prepare('INSERT INTO events (stream, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?)');
  }

  append(stream: string, expected: number, events: readonly StoredForm[]): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ stream, expected, events, resolve, reject });
      this.#schedule(0);
    });
  }

  /** Commits what is queued now; called before the database is closed. */
  flushAll(): void {
    while (this.#queue.length > 0) this.#settle(this.#takeGroup(), false);
  }

  #schedule(delayMs: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = (): void => {
      this.#scheduled = false;
      if (this.#queue.length > 0) this.#settle(this.#takeGroup(), true);
      if (this.#queue.length > 0) this.#schedule(this.#busySinceMs === undefined ? 0 : BUSY_RETRY_MS);
    };
    if (delayMs === 0) setImmediate(flush);
    else setTimeout(flush, delayMs);
  }

  #takeGroup(): readonly Append[] {
    let events = 0;
    let count = 0;
    for (const append of this.#queue) {
      events += append.events.length;
      if (count > 0 && events > MAX_GROUP_EVENTS) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #settle(group: readonly Append[], mayWait: boolean): void {
    let outcomes: readonly (AppendResult | EventStoreError)[];
    try {
      outcomes = this.#commit(group);
    } catch (error) {
      if (isBusy(error) && mayWait && this.#mayWaitLonger()) {
        this.#queue = [...group, ...this.#queue];
        return;
      }
      this.#busySinceMs = undefined;
      const failure = sqliteError(error, `Cannot append to ${group.length} stream(s)`);
      for (const append of group) append.reject(failure);
      return;
    }
    this.#busySinceMs = undefined;
    outcomes.forEach((outcome, i) => {
      if (outcome instanceof EventStoreError) group[i]?.reject(outcome);
      else group[i]?.resolve(outcome);
    });
    this.#onCommit();
  }

  #mayWaitLonger(): boolean {
    this.#busySinceMs ??= performance.now();
    return performance.now() - this.#busySinceMs < BUSY_GIVE_UP_MS;
  }

  /** Throws when nothing of the group was written, or, as `ambiguous`, when that is unknown. */
  #commit(group: readonly Append[]): readonly (AppendResult | EventStoreError)[] {
    this.#database.exec('BEGIN IMMEDIATE');
    let committing = false;
    try {
      const outcomes = group.map((append) => this.#appendOne(append));
      committing = true;
      this.#database.exec('COMMIT');
      return outcomes;
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (committing && isIoError(cause)) {
        throw new EventStoreError('ambiguous', 'The disk failed during the commit; read what stands before trying again.', {
          cause,
        });
      }
      throw cause;
    }
  }

  #appendOne({ stream, expected, events }: Append): AppendResult | EventStoreError {
    const head = Number(this.#head.get(stream)?.['head']);
    if (expected !== head) return this.#repeat(stream, expected, events) ?? wrongExpectedRevision(stream, expected, head);
    let revision = head;
    let position: number | bigint = 0;
    for (const { id, type, data, metadata } of events) {
      revision += 1;
      position = this.#insert.run(stream, revision, id, type, data, metadata).lastInsertRowid;
    }
    return { revision, position: BigInt(position) };
  }

  /** The result of the first time, when these very events already stand right after the expected revision. */
  #repeat(stream: string, expected: number, events: readonly StoredForm[]): AppendResult | undefined {
    const standing = this.#standing.all(stream, expected, events.length);
    const last = standing.at(-1);
    if (last === undefined || standing.length < events.length) return undefined;
    if (standing.some((row, i) => row['id'] !== events[i]?.id)) return undefined;
    return { revision: Number(last['revision']), position: BigInt(Number(last['position'])) };
  }
}
