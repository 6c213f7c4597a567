// Topics, messages and group offsets as rows: an embedded log's calls come in, SQL goes to node:sqlite (WAL, fsync on commit).
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { type LogEntry, type MessageLog } from './log-bus.js';
import { BusError, DEFAULT_MAX_MESSAGE_BYTES, type Message, type TopicDescription } from './message-bus.js';

/** Bounds what one batch holds in memory, whatever the size of the messages; one message always passes. */
const READ_BYTES = 4 * 1024 * 1024;
const PRUNE_CHUNK = 1_000;
/** How long to wait for another process that holds the file, such as a backup. */
const BUSY_TIMEOUT_MS = 5_000;
const SQLITE_FULL = 13;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, max_message_bytes INTEGER NOT NULL,
    retention_ms INTEGER -- null: the bus's own; negative: for ever
  ) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    key BLOB, value BLOB, headers TEXT, timestamp INTEGER NOT NULL,
    PRIMARY KEY (topic, partition, offset)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS group_offsets (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, group_name TEXT NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition, group_name)
  ) STRICT, WITHOUT ROWID;
`;

const IN_PARTITION = 'topic = ? AND partition = ?';

type Statements = ReturnType<typeof prepare>;

function prepare(db: DatabaseSync) {
  return {
    insertTopic: db.prepare(
      'INSERT OR IGNORE INTO topics (name, partitions, max_message_bytes, retention_ms) VALUES (?, ?, ?, ?)',
    ),
    topic: db.prepare('SELECT * FROM topics WHERE name = ?'),
    topics: db.prepare('SELECT * FROM topics'),
    insert: db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)'),
    first: db.prepare(`SELECT min(offset) AS offset FROM messages WHERE ${IN_PARTITION}`),
    last: db.prepare(`SELECT max(offset) AS offset FROM messages WHERE ${IN_PARTITION}`),
    read: db.prepare(`SELECT * FROM messages WHERE ${IN_PARTITION} AND offset >= ? ORDER BY offset LIMIT ?`),
    committed: db.prepare(`SELECT offset FROM group_offsets WHERE ${IN_PARTITION} AND group_name = ?`),
    commit: db.prepare('INSERT INTO group_offsets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset'),
    slowest: db.prepare(`SELECT min(offset) AS offset FROM group_offsets WHERE ${IN_PARTITION}`),
    oldEnd: db.prepare(
      `SELECT max(offset) AS offset FROM (SELECT offset, timestamp FROM messages WHERE ${IN_PARTITION} AND offset < ?
       ORDER BY offset LIMIT ?) WHERE timestamp < ?`,
    ),
    remove: db.prepare(`DELETE FROM messages WHERE ${IN_PARTITION} AND offset <= ?`),
  };
}

/** Retention as it is stored. */
type Topic = Omit<TopicDescription, 'retentionMs'> & { readonly id: number; readonly retentionMs: number | null };

/** `prune` removes a chunk of each partition's old messages and says whether there may be more. */
export type SqliteLog = MessageLog & { prune(nowMs: number): boolean };

export type SqliteLogOptions = { readonly retentionMs: number; readonly maxFileBytes?: number; readonly readOnly?: boolean };

export function openSqliteLog(file: string, { retentionMs, maxFileBytes, readOnly = false }: SqliteLogOptions): SqliteLog {
  const guarded = <T>(doing: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw asBusError(error, `${doing} failed in the message bus file ${file}`);
    }
  };
  const db = guarded('Opening', () => (readOnly ? openForReading(file) : openDatabase(file, maxFileBytes)));
  const sql = guarded('Opening', () => prepare(db));
  const known = new Map<string, Topic>();
  const find = (name: string): Topic | undefined => {
    const topic = known.get(name) ?? toTopic(sql.topic.get(name));
    if (topic) known.set(name, topic);
    return topic;
  };
  const idOf = (name: string): number => find(name)?.id ?? -1;
  const inTransaction = <T>(work: () => T): T => transaction(db, work);
  return {
    kind: 'sqlite',
    describe: (name) =>
      guarded('Describing a topic', () => {
        const topic = find(name);
        if (topic === undefined) return undefined;
        const { partitions, maxMessageBytes, retentionMs: kept } = topic;
        return { name, partitions, maxMessageBytes, retentionMs: kept === null ? retentionMs : kept < 0 ? Infinity : kept };
      }),
    create: (spec) =>
      guarded('Making a topic', () => {
        const { name, partitions, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, retentionMs: kept = null } = spec;
        sql.insertTopic.run(name, partitions, maxMessageBytes, kept === Infinity ? -1 : kept);
      }),
    append: (entries) => guarded('Publishing', () => inTransaction(() => insertAll(sql, idOf, entries))),
    read: (topic, partition, offset, limit) =>
      guarded('Reading', () => readMessages(sql.read, topic, [idOf(topic), partition, offset, limit])),
    bounds: (topic, partition) =>
      guarded('Reading', () => {
        const next = 1n + (offsetIn(sql.last.get(idOf(topic), partition)) ?? -1n);
        return { first: offsetIn(sql.first.get(idOf(topic), partition)) ?? next, next };
      }),
    committed: (group, topic, partition) =>
      guarded('Reading an offset', () => offsetIn(sql.committed.get(idOf(topic), partition, group))),
    commit: (group, topic, partition, offset) =>
      guarded('Committing', () => void sql.commit.run(idOf(topic), partition, group, offset)),
    prune: (nowMs) => guarded('Removing old messages', () => inTransaction(() => pruneChunk(sql, retentionMs, nowMs))),
    ping: () => guarded('Reading', () => void sql.topic.get('')),
    close: () => guarded('Closing', () => db.close()),
  };
}

/** Beside the program that owns the file; whatever would write throws. */
function openForReading(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
}

function openDatabase(file: string, maxFileBytes: number | undefined): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  if (maxFileBytes !== undefined) {
    const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
    db.exec(`PRAGMA max_page_count = ${Math.floor(maxFileBytes / pageBytes)}`);
  }
  db.exec(SCHEMA);
  return db;
}

function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, a full disk among them.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** The next offset is read inside the transaction, so that it stays right when another process writes too. */
function insertAll(sql: Statements, idOf: (topic: string) => number, entries: readonly LogEntry[]): void {
  const timestampMs = Date.now();
  const next = new Map<string, bigint>();
  for (const { topic, partition, message } of entries) {
    const place = `${partition} ${topic}`;
    const id = idOf(topic);
    const offset = next.get(place) ?? 1n + (offsetIn(sql.last.get(id, partition)) ?? -1n);
    next.set(place, offset + 1n);
    const headers = message.headers ? JSON.stringify(message.headers) : null;
    sql.insert.run(id, partition, offset, toBlob(message.key), toBlob(message.value), headers, timestampMs);
  }
}

function readMessages(read: StatementSync, topic: string, place: [number, number, bigint, number]): Message[] {
  const messages: Message[] = [];
  let bytes = 0;
  for (const row of read.iterate(...place)) {
    const key = toBuffer(row['key']);
    const value = toBuffer(row['value']);
    bytes += (key?.length ?? 0) + (value?.length ?? 0);
    if (messages.length > 0 && bytes > READ_BYTES) break;
    messages.push({
      topic,
      partition: place[1],
      offset: BigInt(row['offset'] as number),
      key,
      value,
      headers: row['headers'] === null ? {} : (JSON.parse(row['headers'] as string) as Record<string, string>),
      timestampMs: row['timestamp'] as number,
    });
  }
  return messages;
}

/**
 * Old means past its topic's retention and committed by every group that ever read the topic. The newest message of a
 * partition always stays, because it carries the next offset.
 */
function pruneChunk(sql: Statements, defaultRetentionMs: number, nowMs: number): boolean {
  let more = false;
  for (const topic of sql.topics.all().map(toTopic)) {
    const retentionMs = topic?.retentionMs ?? defaultRetentionMs;
    if (!topic || retentionMs < 0 || retentionMs === Infinity) continue;
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const last = offsetIn(sql.last.get(topic.id, partition));
      if (last === undefined) continue;
      const slowest = offsetIn(sql.slowest.get(topic.id, partition)) ?? last;
      const bound = slowest < last ? slowest : last;
      const end = offsetIn(sql.oldEnd.get(topic.id, partition, bound, PRUNE_CHUNK, nowMs - retentionMs));
      if (end === undefined) continue;
      if (Number(sql.remove.run(topic.id, partition, end).changes) === PRUNE_CHUNK) more = true;
    }
  }
  return more;
}

type Row = Record<string, SQLOutputValue> | undefined;

function toTopic(row: Row): Topic | undefined {
  if (!row) return undefined;
  return {
    id: row['id'] as number,
    name: row['name'] as string,
    partitions: row['partitions'] as number,
    maxMessageBytes: row['max_message_bytes'] as number,
    retentionMs: row['retention_ms'] as number | null,
  };
}

function offsetIn(row: Row): bigint | undefined {
  return typeof row?.['offset'] === 'number' ? BigInt(row['offset']) : undefined;
}

function toBlob(part: string | Buffer | null): Uint8Array | null {
  return typeof part === 'string' ? Buffer.from(part) : part;
}

function toBuffer(blob: SQLOutputValue | undefined): Buffer | null {
  return blob instanceof Uint8Array ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength) : null;
}

function asBusError(error: unknown, doing: string): BusError {
  if (error instanceof BusError) return error;
  const { message = String(error), errcode } = error as { readonly message?: string; readonly errcode?: number };
  const text = `${doing}: ${message}.`;
  if (errcode === SQLITE_FULL)
    return new BusError('disk-full', `${text} Free space or raise the bound on the file.`, { cause: error });
  return new BusError('unavailable', `${text} Check the path, its rights and the disk.`, { cause: error });
}
