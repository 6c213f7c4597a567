// Event store in one SQLite file, the embedded default: appends come in, one row per event stands on disk, pages and batches go out.
//
// Invariants: positions rise in the order of commits, because SQLite has one writer at a time; a promise of `append` resolves
// after the fsync of its transaction. Other processes may read and write the same file at the same time.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  AppendResult,
  EventStore,
  EventToAppend,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  StoredText,
  SubscribeOptions,
  SubscriptionBatch,
} from './event-store.js';
import { readLocalLog, readLocalLogText, subscribeToLocalLog, Waiters, type LocalLog, type Scan } from './local-log.js';
import { GroupCommit } from './sqlite-appends.js';
import { openDatabase, sqliteError } from './sqlite-database.js';
import { MAX_APPEND_BYTES, PAGE_EVENTS, storeClosed, toRecordedEvent, toStoredForm } from './stored-form.js';

export type SqliteEventStoreOptions = {
  /** Opens what another program writes; `append` is then a mistake of the caller. */
  readonly readOnly?: boolean;
};

export function openSqliteEventStore(file: string, options: SqliteEventStoreOptions = {}): EventStore {
  return new SqliteEventStore(file, options.readOnly ?? false);
}

/** How soon a subscription sees what another process appended. */
const POLL_MS = 200;
/** Rows of other prefixes that one scan passes over before it lets others run. */
const SCAN_ROWS = 20_000n;
const COLUMNS = 'position, stream, revision, id, type, data, metadata';

type Row = readonly [number, string, number, string, string, string, string];

class SqliteEventStore implements EventStore, LocalLog {
  readonly kind = 'sqlite';
  readonly maxAppendBytes = MAX_APPEND_BYTES;
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #appends: GroupCommit | undefined;
  readonly #waiters = new Waiters();
  readonly #selectHead: StatementSync;
  readonly #selectForwards: StatementSync;
  readonly #selectBackwards: StatementSync;
  readonly #selectScan: StatementSync;
  readonly #selectDataVersion: StatementSync;
  #dataVersion: unknown;
  #subscriptions = 0;
  #poll: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(file: string, readOnly: boolean) {
    this.#file = file;
    const database = openDatabase(file, readOnly);
    this.#database = database;
    this.#appends = readOnly ? undefined : new GroupCommit(database, () => this.#waiters.wakeAll());
    this.#selectHead = database.prepare('SELECT coalesce(max(position), 0) AS head FROM events');
    this.#selectForwards = prepareRows(database, 'stream = ? AND revision >= ? ORDER BY revision LIMIT ?');
    this.#selectBackwards = prepareRows(database, 'stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?');
    // substr takes any prefix literally, unlike LIKE and GLOB, and cannot tempt the planner away from the order of positions.
    this.#selectScan = prepareRows(
      database,
      'position > ? AND position <= ? AND substr(stream, 1, length(?3)) = ?3 ORDER BY position LIMIT ?4',
    );
    this.#selectDataVersion = database.prepare('PRAGMA data_version');
  }

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen();
    if (this.#appends === undefined) throw new TypeError(`The event store ${this.#file} was opened for reading only.`);
    return this.#appends.append(stream, expected, toStoredForm(stream, events));
  }

  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    const { backwards = false, maxCount = Number.POSITIVE_INFINITY } = options;
    const select = backwards ? this.#selectBackwards : this.#selectForwards;
    let next = options.fromRevision ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
    let left = maxCount;
    while (left > 0) {
      const asked = Math.min(PAGE_EVENTS, left);
      const page = this.#read(() => select.all(stream, next, asked)).map(parsed);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      if (page.length < asked) return;
      next = last.revision + (backwards ? -1 : 1);
      left -= page.length;
      // SQLite answers synchronously; without this, loading a long stream would hold up everything else in the process.
      await nextTurn();
    }
  }

  readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    return readLocalLog(this, options);
  }

  readAllText(options: ReadAllOptions): AsyncIterable<readonly StoredText[]> {
    return readLocalLogText(this, options);
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    this.#assertOpen();
    this.#startPolling();
    try {
      yield* subscribeToLocalLog(this, this.#waiters, options);
    } finally {
      this.#stopPolling();
    }
  }

  head(): bigint {
    this.#assertOpen();
    try {
      return BigInt(Number(this.#selectHead.get()?.['head']));
    } catch (error) {
      throw sqliteError(error, `Cannot read ${this.#file}`);
    }
  }

  scan(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan {
    const { events, position } = this.scanText(after, upTo, streamPrefix, maxCount);
    return { events: events.map(parsed), position };
  }

  scanText(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan<StoredText> {
    const end = after + SCAN_ROWS < upTo ? after + SCAN_ROWS : upTo;
    const events = this.#read(() => this.#selectScan.all(after, end, streamPrefix, maxCount));
    const last = events.at(-1);
    return { events, position: last !== undefined && events.length === maxCount ? last.position : end };
  }

  async ping(): Promise<void> {
    this.head();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#appends?.flushAll();
    this.#closed = true;
    clearInterval(this.#poll);
    this.#database.close();
    this.#waiters.wakeAll();
  }

  #read(select: () => readonly unknown[]): readonly StoredText[] {
    this.#assertOpen();
    let rows: readonly Row[];
    try {
      rows = select() as readonly Row[];
    } catch (error) {
      throw sqliteError(error, `Cannot read ${this.#file}`);
    }
    return rows.map(([position, stream, revision, id, type, data, metadata]) => {
      return { id, type, data, metadata, stream, revision, position: BigInt(position) };
    });
  }

  /** `data_version` changes when another connection commits, and only then: one cheap question instead of a query per subscription. */
  #startPolling(): void {
    this.#subscriptions += 1;
    this.#poll ??= setInterval(() => {
      const version = this.#selectDataVersion.get()?.['data_version'];
      if (version !== this.#dataVersion) this.#waiters.wakeAll();
      this.#dataVersion = version;
    }, POLL_MS);
  }

  #stopPolling(): void {
    this.#subscriptions -= 1;
    if (this.#subscriptions > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}

function parsed(text: StoredText): RecordedEvent {
  return toRecordedEvent(text, text.stream, text.revision, text.position);
}

function prepareRows(database: DatabaseSync, where: string): StatementSync {
  const statement = database.prepare(`SELECT ${COLUMNS} FROM events WHERE ${where}`);
  statement.setReturnArrays(true);
  return statement;
}
