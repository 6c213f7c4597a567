// The message bus in one SQLite file, for a process that owns its folder: publishes come in and are on the disk when they
// resolve; old messages that every group has handled go out.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LogMessageBus } from './log-bus.js';
import { Bell } from './log-consumer.js';
import { type MessageBus } from './message-bus.js';
import { openSqliteLog } from './sqlite-log.js';

export const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000;
/** Consumers hear at once of what this process publishes, and look this often for what another one wrote. */
const LOOK_EVERY_MS = 1_000;
const PRUNE_EVERY_MS = 60_000;

export type SqliteMessageBusOptions = {
  /** How long messages are kept in topics that do not say; default 7 days. What a group has not committed yet stays. */
  readonly retentionMs?: number;
  /** Bound on the file, beyond which publishing fails with `disk-full`; default none. */
  readonly maxFileBytes?: number;
  /** Opens what another program writes: what would write fails with `unavailable`, and nothing old is removed. */
  readonly readOnly?: boolean;
  /** How often old messages are looked for; default once a minute. */
  readonly pruneEveryMs?: number;
  /** Told when old messages could not be removed; it is tried again. It must not throw. */
  onPruneError?(error: unknown): void;
};

export function openSqliteMessageBus(file: string, options: SqliteMessageBusOptions = {}): MessageBus {
  const { retentionMs = DEFAULT_RETENTION_MS, readOnly = false } = options;
  const log = openSqliteLog(file, { ...options, retentionMs });
  const bell = new Bell(LOOK_EVERY_MS);
  const closing = new AbortController();
  let pruning = false;
  // In small transactions with turns for others between them, so that publishing never waits long.
  const prune = async (): Promise<void> => {
    if (pruning || readOnly) return;
    pruning = true;
    try {
      while (!closing.signal.aborted && log.prune(Date.now())) await nextTurn();
    } catch (error) {
      options.onPruneError?.(error);
    } finally {
      pruning = false;
    }
  };
  const timer = setInterval(() => void prune(), options.pruneEveryMs ?? PRUNE_EVERY_MS).unref();
  const close = (): void => {
    closing.abort();
    clearInterval(timer);
    log.close();
  };
  return new LogMessageBus({ ...log, close }, bell);
}
