// Reads and subscriptions of the stores that live in this process (memory, SQLite): scans come in, pages and batches go out.

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  EventStoreError,
  type ReadAllOptions,
  type RecordedEvent,
  type StoredText,
  type SubscribeOptions,
  type SubscriptionBatch,
} from './event-store.js';
import { PAGE_EVENTS } from './stored-form.js';

export type Scan<Event = RecordedEvent> = {
  readonly events: readonly Event[];
  /** Everything up to here has been looked at. */
  readonly position: bigint;
};

export interface LocalLog {
  /** Position of the last event; 0 in an empty store. */
  head(): bigint;
  /** Looks at a bounded number of events after `after`, up to `upTo`, and returns those of the prefix, `maxCount` at most. */
  scan(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan;
  /** The same, with nothing parsed. */
  scanText(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan<StoredText>;
}

/** Who waits for news. Scan and wait stand in one synchronous turn, so no news can fall between them. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }
}

export function readLocalLog(log: LocalLog, options: ReadAllOptions): AsyncGenerator<readonly RecordedEvent[]> {
  return pagesOf(log, options, (...range) => log.scan(...range));
}

export function readLocalLogText(log: LocalLog, options: ReadAllOptions): AsyncGenerator<readonly StoredText[]> {
  return pagesOf(log, options, (...range) => log.scanText(...range));
}

async function* pagesOf<Event>(
  log: LocalLog,
  { after = 0n, streamPrefix, maxCount = Number.POSITIVE_INFINITY }: ReadAllOptions,
  scanned: (...range: Parameters<LocalLog['scan']>) => Scan<Event>,
): AsyncGenerator<readonly Event[]> {
  const upTo = log.head();
  let position = after;
  let left = maxCount;
  while (position < upTo && left > 0) {
    const scan = scanned(position, upTo, streamPrefix, Math.min(PAGE_EVENTS, left));
    position = scan.position;
    left -= scan.events.length;
    if (scan.events.length > 0) yield scan.events;
    // The engine answers synchronously; without this, a long read would hold up everything else in the process.
    await nextTurn();
  }
}

export async function* subscribeToLocalLog(
  log: LocalLog,
  waiters: Waiters,
  { after = 0n, streamPrefix, maxBatch, signal }: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch> {
  let position = after;
  let announced = false;
  const end = log.head();
  if (position > end) {
    throw new EventStoreError(
      'corrupt',
      `The reader has seen position ${position}, but the store ends at ${end}: it is another or an older store. Rebuild what was read.`,
    );
  }
  while (!signal.aborted) {
    const head = log.head();
    const scan = position < head ? log.scan(position, head, streamPrefix, maxBatch) : { events: [], position };
    const caughtUp = scan.position >= head;
    // An empty first batch tells a reader of an empty store that it is live.
    if (scan.position > position || (caughtUp && !announced)) {
      position = scan.position;
      announced ||= caughtUp;
      yield { events: scan.events, position, caughtUp };
      await nextTurn();
    } else {
      await waiters.wait(signal);
    }
  }
}
