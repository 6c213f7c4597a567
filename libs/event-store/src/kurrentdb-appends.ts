// The writing half of the KurrentDB event store: events come in, and either they stand on the stream or a coded error goes out.
//
// What if an answer is lost? The identical request is sent again: same ids, revision and events. The server compares ids at
// that place, so a repeat is answered like the first time and writes nothing. Only when every try stays unclear does the
// caller get `ambiguous`.

import {
  jsonEvent,
  KurrentDBClient,
  NO_STREAM as SERVER_NO_STREAM,
  type AppendResult as ServerResult,
} from '@kurrent/kurrentdb-client';
import { backOff, TimedOut, within } from './backoff.js';
import { EventStoreError, NO_STREAM, type AppendResult, type EventToAppend } from './event-store.js';
import { quickenBase64 } from './kurrentdb-base64.js';
import { classifyAppendFailure } from './kurrentdb-errors.js';
import { messageOf, storeClosed, wrongExpectedRevision } from './stored-form.js';

const MAX_ATTEMPTS = 4;
const FIRST_BACK_OFF_MS = 100;
const MOST_BACK_OFF_MS = 2000;
/** The client itself waits for ever for the answer of a batched append. */
const APPEND_TIMEOUT_MS = 15_000;
/**
 * Sent as an absolute time; the server takes the smaller of this and its own write timeout. Being this long costs nothing
 * and lets this machine's clock be as far behind the server's.
 */
const DEADLINE_MS = 5 * 60_000;
const LANES = 4;
/**
 * Below the 16 messages that a gRPC stream buffers. From the 16th on the client queues writes, and when the connection breaks
 * then, it rejects a promise that nobody can catch, which ends the process.
 */
const IN_FLIGHT_PER_LANE = 15;

type ServerEvent = ReturnType<typeof jsonEvent>;
type Lane = { client: KurrentDBClient; inFlight: number };

/** Appends in flight are spread over several clients, each with its own stream to the server. */
export class KurrentDbAppends {
  readonly #connectionString: string;
  readonly #lanes: readonly Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  #closed = false;

  constructor(connectionString: string) {
    quickenBase64();
    this.#connectionString = connectionString;
    this.#lanes = Array.from({ length: LANES }, () => ({ client: this.#connect(), inFlight: 0 }));
  }

  /** `isStanding` reads whether these events already stand right after `expected`. */
  async append(
    stream: string,
    expected: number,
    events: readonly EventToAppend[],
    isStanding: () => Promise<AppendResult | undefined>,
  ): Promise<AppendResult> {
    const serverEvents = events.map(toServerEvent);
    let perhapsWritten = false;
    let lastError: unknown;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (this.#closed) break;
      if (attempt > 0) await backOff(attempt, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
      const startedMs = performance.now();
      try {
        return await this.#appendOnce(stream, expected, serverEvents);
      } catch (error) {
        lastError = error;
        const failure = classifyAppendFailure(error, stream, performance.now() - startedMs);
        if (failure.kind === 'wrong-revision') {
          const standing = await isStanding().catch((cause) => Promise.reject(gaveUp(stream, true, cause)));
          if (standing !== undefined) return standing;
          throw wrongExpectedRevision(stream, expected, failure.actual);
        }
        // A final refusal speaks of this try only: an earlier one may still have been written.
        if (failure.kind === 'final' && !perhapsWritten) throw failure.error;
        perhapsWritten ||= failure.kind === 'unclear';
      }
    }
    if (lastError === undefined) throw storeClosed();
    throw gaveUp(stream, perhapsWritten, lastError);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map(({ client }) => client.dispose()));
  }

  async #appendOnce(stream: string, expected: number, events: readonly ServerEvent[]): Promise<AppendResult> {
    const lane = await this.#enter();
    const { client } = lane;
    try {
      const streamState = expected === NO_STREAM ? SERVER_NO_STREAM : BigInt(expected);
      const sent = client.appendToStream(stream, [...events], { streamState, deadline: DEADLINE_MS });
      return toResult(await within(APPEND_TIMEOUT_MS, `The append to ${stream}`, sent), stream, expected);
    } catch (error) {
      if (error instanceof TimedOut) this.#replace(lane, client);
      throw error;
    } finally {
      this.#leave(lane);
    }
  }

  /** A client that has let an append time out may go on using the same dead stream, so it is not used again. */
  #replace(lane: Lane, client: KurrentDBClient): void {
    if (lane.client !== client || this.#closed) return;
    lane.client = this.#connect();
    client.dispose().catch(() => undefined);
  }

  #connect(): KurrentDBClient {
    return KurrentDBClient.connectionString(this.#connectionString);
  }

  #enter(): Lane | Promise<Lane> {
    const free = this.#lanes.reduce((a, b) => (b.inFlight < a.inFlight ? b : a));
    if (free.inFlight >= IN_FLIGHT_PER_LANE) return new Promise((resolve) => this.#waiting.push(resolve));
    free.inFlight += 1;
    return free;
  }

  #leave(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next === undefined) lane.inFlight -= 1;
    else next(lane);
  }
}

function toServerEvent({ id, type, data, metadata }: EventToAppend): ServerEvent {
  return jsonEvent({ id, type, data, metadata });
}

function toResult(result: ServerResult, stream: string, expected: number): AppendResult {
  // Only with throwOnAppendFailure=false in the connection string.
  if (!result.success) throw wrongExpectedRevision(stream, expected, undefined);
  if (result.position === undefined) throw new Error(`The server did not say where it wrote the append to ${stream}`);
  return { revision: Number(result.nextExpectedRevision), position: result.position.commit };
}

function gaveUp(stream: string, perhapsWritten: boolean, cause: unknown): EventStoreError {
  const tries = `after ${MAX_ATTEMPTS} tries: ${messageOf(cause)}`;
  return perhapsWritten
    ? new EventStoreError(
        'ambiguous',
        `Whether the append to ${stream} was written is unknown ${tries}. Read what stands before trying again.`,
        { cause },
      )
    : new EventStoreError(
        'unavailable',
        `The append to ${stream} was not written ${tries}. Is the server running, and reachable from here?`,
        { cause },
      );
}
