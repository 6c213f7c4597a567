// Every program's way to write: commands for a stream come in, are decided on its state and appended, their results go out.
//
// What if somebody else wrote first? The state is folded up to the end and what is not yet acknowledged is decided again.
// What if an answer is lost? What stands is compared by id; if it is not ours, the state is loaded anew and decides again, so
// the state must know what it has done. What if we die? Nothing here is kept that the stream does not say.

import { backOff } from './backoff.js';
import type { Decider, Snapshots } from './decider.js';
import { EventStoreError, type EventStore, type EventStoreErrorCode } from './event-store.js';
import { decideRound, type Chunk, type CommandResult, type FindEvidence, type Round } from './stream-round.js';
import { StreamStates, type SnapshotFault } from './stream-state.js';

export type Conflict = { readonly stream: string; readonly attempt: number; readonly code: EventStoreErrorCode };

export type StreamWriterOptions<State, Command, Event, Refusal> = {
  readonly store: EventStore;
  readonly decider: Decider<State, Command, Event, Refusal>;
  /** States kept in memory; a stream not used for longest is forgotten first. */
  readonly maxCachedStreams: number;
  readonly maxEventsPerAppend?: number;
  readonly snapshots?: Snapshots<State>;
  /** Events from one snapshot of a stream to the next. */
  readonly snapshotEveryEvents?: number;
  /** Told each time commands have to be decided again; for a metric. */
  readonly onConflict?: (conflict: Conflict) => void;
  readonly onSnapshotFault?: (fault: SnapshotFault) => void;
};

const MAX_EVENTS_PER_APPEND = 500;
const MAX_COMMANDS_PER_ROUND = 5000;
const SNAPSHOT_EVERY_EVENTS = 10_000;
/** In a row, without one command getting through. */
const MAX_CONFLICTS = 20;
const MAX_AMBIGUITIES = 3;
const FIRST_BACK_OFF_MS = 2;
const MOST_BACK_OFF_MS = 100;

/** After these, it is certain that nothing was written, so the state before is still right. */
const NOT_WRITTEN: ReadonlySet<string> = new Set<EventStoreErrorCode>(['unavailable', 'disk-full', 'too-large']);

/** One stream: its turns follow one another, so at most one append is in flight. */
type Line<State> = {
  /** Nothing recorded in it that does not stand; undefined when it has to be loaded. */
  state: State | undefined;
  snapshotRevision: number;
  turn: Promise<void>;
  /** Turns begun or waiting. */
  turns: number;
};

export class StreamWriter<State, Command, Event, Refusal> {
  readonly #options: StreamWriterOptions<State, Command, Event, Refusal>;
  readonly #states: StreamStates<State, Command, Event, Refusal>;
  /** In order of use, the longest unused first. */
  readonly #lines = new Map<string, Line<State>>();
  #closed = false;

  constructor(options: StreamWriterOptions<State, Command, Event, Refusal>) {
    this.#options = options;
    const { store, decider, snapshots, onSnapshotFault = () => undefined } = options;
    this.#states = new StreamStates(store, decider, snapshots, onSnapshotFault);
  }

  /**
   * One result per command, once all of them are certain. Throws EventStoreError or StreamUnreadable; then some of the commands
   * may stand, and executing the same ones again is right.
   */
  execute(stream: string, commands: readonly Command[]): Promise<readonly CommandResult<Event, Refusal>[]> {
    return this.#inTurn(stream, (line) => this.#execute(stream, line, commands));
  }

  /** Reads up to the end of the stream; `view` must take what it needs at once, because the state goes on changing. */
  query<T>(stream: string, view: (state: State) => T): Promise<T> {
    return this.#inTurn(stream, async (line) => {
      const { state } = line;
      line.state = undefined;
      const current = state === undefined ? await this.#load(stream, line) : await this.#states.readOn(stream, state);
      line.state = current;
      return view(current);
    });
  }

  /** Takes no more work and resolves when what was begun is done. Does not close the store. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lines.values()].map(({ turn }) => turn));
  }

  async #inTurn<T>(stream: string, work: (line: Line<State>) => Promise<T>): Promise<T> {
    if (this.#closed) throw new EventStoreError('closed', `The writer of ${stream} was closed; nothing was written.`);
    const line = this.#line(stream);
    line.turns += 1;
    const result = line.turn.then(() => work(line));
    line.turn = this.#endTurn(stream, line, result);
    return result;
  }

  async #endTurn(stream: string, line: Line<State>, result: Promise<unknown>): Promise<void> {
    await result.catch(() => undefined);
    await this.#saveSnapshot(stream, line);
    line.turns -= 1;
    this.#forgetUnused();
  }

  async #execute(
    stream: string,
    line: Line<State>,
    commands: readonly Command[],
  ): Promise<readonly CommandResult<Event, Refusal>[]> {
    const results: CommandResult<Event, Refusal>[] = [];
    let conflicts = 0;
    let ambiguities = 0;
    while (results.length < commands.length) {
      const waiting = commands.slice(results.length, results.length + MAX_COMMANDS_PER_ROUND);
      const { certain, trouble } = await this.#round(stream, line, waiting);
      results.push(...certain);
      if (certain.length > 0) conflicts = ambiguities = 0;
      if (trouble === undefined) continue;
      if (trouble.code === 'ambiguous') ambiguities += 1;
      else conflicts += 1;
      this.#options.onConflict?.({ stream, attempt: conflicts + ambiguities, code: trouble.code });
      if (conflicts > MAX_CONFLICTS || ambiguities > MAX_AMBIGUITIES) throw trouble;
      await backOff(conflicts + ambiguities, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
    }
    return results;
  }

  async #round(stream: string, line: Line<State>, commands: readonly Command[]): Promise<Certain<Event, Refusal>> {
    const { store, decider, maxEventsPerAppend = MAX_EVENTS_PER_APPEND } = this.#options;
    const cached = line.state;
    let start = cached ?? (await this.#load(stream, line));
    // Put back only where it is certain what it stands for; after anything unforeseen it is loaded anew.
    line.state = undefined;
    const limits = { maxEvents: maxEventsPerAppend, maxBytes: store.maxAppendBytes };
    const findEvidence: FindEvidence = (revisions, known) => this.#states.evidence(stream, revisions, known);
    let round = await decideRound(decider, stream, start, commands, limits, findEvidence);
    if (round.chunks.length === 0 && cached !== undefined) {
      // No append proves that the state was the newest, and another writer's event may turn a "no" or "nothing to do" round.
      const revision = decider.revisionOf(start);
      start = await this.#states.readOn(stream, start);
      if (decider.revisionOf(start) > revision) round = await decideRound(decider, stream, start, commands, limits, findEvidence);
    }
    for (const chunk of round.chunks) {
      const trouble = await this.#append(stream, chunk);
      if (trouble === undefined) continue;
      const before = decider.discard?.(start) ?? start;
      if (NOT_WRITTEN.has(trouble.code)) line.state = before;
      if (trouble.code === 'wrong-expected-revision') line.state = await this.#states.readOn(stream, before);
      else if (trouble.code !== 'ambiguous') throw trouble;
      return { certain: round.results.slice(0, chunk.firstCommand), trouble };
    }
    line.state = decider.settle?.(round.state) ?? round.state;
    return { certain: round.results, trouble: undefined };
  }

  /** Undefined when the chunk stands. */
  async #append(stream: string, chunk: Chunk): Promise<EventStoreError | undefined> {
    try {
      await this.#options.store.append(stream, chunk.expectedRevision, chunk.events);
      return undefined;
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      return error.code === 'ambiguous' && (await this.#stands(stream, chunk)) ? undefined : error;
    }
  }

  async #stands(stream: string, { expectedRevision, events }: Chunk): Promise<boolean> {
    const ids: string[] = [];
    const options = { fromRevision: expectedRevision + 1, maxCount: events.length };
    for await (const page of this.#options.store.readStream(stream, options)) ids.push(...page.map(({ id }) => id));
    return ids.length === events.length && events.every(({ id }, i) => id === ids[i]);
  }

  async #load(stream: string, line: Line<State>): Promise<State> {
    const { state, snapshotRevision } = await this.#states.load(stream);
    line.snapshotRevision = snapshotRevision;
    return state;
  }

  /** In the stream's turn, so that the state does not change while it is saved, but after its results are out. */
  async #saveSnapshot(stream: string, line: Line<State>): Promise<void> {
    const { decider, snapshots, snapshotEveryEvents = SNAPSHOT_EVERY_EVENTS } = this.#options;
    if (snapshots === undefined || line.state === undefined) return;
    const revision = decider.revisionOf(line.state);
    if (revision - line.snapshotRevision < snapshotEveryEvents) return;
    await this.#states.saveSnapshot(stream, line.state);
    line.snapshotRevision = revision;
  }

  #line(stream: string): Line<State> {
    const line = this.#lines.get(stream) ?? {
      state: undefined,
      snapshotRevision: -1,
      turn: Promise.resolve(),
      turns: 0,
    };
    this.#lines.delete(stream);
    this.#lines.set(stream, line);
    return line;
  }

  #forgetUnused(): void {
    let surplus = this.#lines.size - this.#options.maxCachedStreams;
    for (const [stream, line] of this.#lines) {
      if (surplus <= 0) return;
      if (line.turns > 0) continue;
      this.#lines.delete(stream);
      surplus -= 1;
    }
  }
}

type Certain<Event, Refusal> = {
  /** Of the first commands, up to the first whose append did not get through. */
  readonly certain: Round<unknown, Event, Refusal>['results'];
  readonly trouble: EventStoreError | undefined;
};
