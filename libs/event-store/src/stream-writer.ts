// Every program's way to write: commands for a stream come in, are decided on its state and appended, their results go out.
//
// What if many call at once? Calls for one stream that wait for their turn are taken together: one round, as few appends as
// they fit into. What if somebody else wrote first? The state is folded up to the end and what is not yet acknowledged is
// decided again, also a "no" that rested on it.
// What if an answer is lost? What stands is compared by id; if it is not ours, the state is loaded anew and decides again, so
// the state must know what it has done. What if we die? Nothing here is kept that the stream does not say.

import { backOff } from './backoff.js';
import { StreamUnreadable, type Decider, type Snapshots } from './decider.js';
import { EventStoreError, type EventStore, type EventStoreErrorCode } from './event-store.js';
import { Group } from './stream-group.js';
import { decideRound, type Chunk, type CommandResult, type FindEvidence } from './stream-round.js';
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
type Line<State, Command, Event, Refusal> = {
  /** Nothing recorded in it that does not stand; undefined when it has to be loaded. */
  state: State | undefined;
  snapshotRevision: number;
  turn: Promise<void>;
  /** Turns begun or waiting. */
  turns: number;
  /** Waits for the last of these turns, and takes in who comes meanwhile; undefined when that turn has begun or is a query's. */
  gathering: Group<Command, Event, Refusal> | undefined;
};

export class StreamWriter<State, Command, Event, Refusal> {
  readonly #options: StreamWriterOptions<State, Command, Event, Refusal>;
  readonly #states: StreamStates<State, Command, Event, Refusal>;
  /** In order of use, the longest unused first. */
  readonly #lines = new Map<string, Line<State, Command, Event, Refusal>>();
  #closed = false;

  constructor(options: StreamWriterOptions<State, Command, Event, Refusal>) {
    this.#options = options;
    const { store, decider, snapshots, onSnapshotFault = () => undefined } = options;
    this.#states = new StreamStates(store, decider, snapshots, onSnapshotFault);
  }

  /**
   * One result per command, once all of them are certain. Throws EventStoreError or StreamUnreadable; then some of the commands
   * may stand, and executing the same ones again is right. Commands are decided in the order of the calls.
   */
  async execute(stream: string, commands: readonly Command[]): Promise<readonly CommandResult<Event, Refusal>[]> {
    const line = this.#openLine(stream);
    if (line.gathering?.hasRoomFor(commands)) return line.gathering.add(commands);
    const group = new Group<Command, Event, Refusal>(MAX_COMMANDS_PER_ROUND);
    const results = group.add(commands);
    void this.#inTurn(stream, line, () => {
      if (line.gathering === group) line.gathering = undefined;
      return this.#commit(stream, line, group);
    });
    line.gathering = group;
    return results;
  }

  /** Reads up to the end of the stream; `view` must take what it needs at once, because the state goes on changing. */
  async query<T>(stream: string, view: (state: State) => T): Promise<T> {
    const line = this.#openLine(stream);
    // Who comes later is to stand behind it.
    line.gathering = undefined;
    return this.#inTurn(stream, line, async () => {
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

  #inTurn<T>(stream: string, line: Line<State, Command, Event, Refusal>, work: () => Promise<T>): Promise<T> {
    line.turns += 1;
    const result = line.turn.then(work);
    line.turn = this.#endTurn(stream, line, result);
    return result;
  }

  async #endTurn(stream: string, line: Line<State, Command, Event, Refusal>, result: Promise<unknown>): Promise<void> {
    await result.catch(() => undefined);
    await this.#saveSnapshot(stream, line);
    line.turns -= 1;
    this.#forgetUnused();
  }

  /** Never throws: every caller of the group is answered. */
  async #commit(
    stream: string,
    line: Line<State, Command, Event, Refusal>,
    group: Group<Command, Event, Refusal>,
  ): Promise<void> {
    try {
      await this.#execute(stream, line, group);
    } catch (error) {
      const apart = isFaultOfCommand(error) ? group.apart() : [];
      if (apart.length < 2) return group.fail(error);
      // One caller's command is at fault: the others must not suffer for having waited beside it.
      for (const one of apart) await this.#commit(stream, line, one);
    }
  }

  async #execute(
    stream: string,
    line: Line<State, Command, Event, Refusal>,
    group: Group<Command, Event, Refusal>,
  ): Promise<void> {
    let conflicts = 0;
    let ambiguities = 0;
    group.tell([]);
    for (let waiting = group.waiting(); waiting.length > 0; waiting = group.waiting()) {
      const trouble = await this.#round(stream, line, waiting, (certain) => {
        if (certain.length > 0) conflicts = ambiguities = 0;
        group.tell(certain);
      });
      if (trouble === undefined) continue;
      if (trouble.code === 'ambiguous') ambiguities += 1;
      else conflicts += 1;
      this.#options.onConflict?.({ stream, attempt: conflicts + ambiguities, code: trouble.code });
      if (conflicts > MAX_CONFLICTS || ambiguities > MAX_AMBIGUITIES) throw trouble;
      await backOff(conflicts + ambiguities, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS);
    }
  }

  /** Tells results in order, each once the events that it follows from are stored. Returns why the others have none. */
  async #round(
    stream: string,
    line: Line<State, Command, Event, Refusal>,
    commands: readonly Command[],
    tell: (certain: readonly CommandResult<Event, Refusal>[]) => void,
  ): Promise<EventStoreError | undefined> {
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
      if (trouble === undefined) {
        tell(round.results.slice(chunk.firstCommand, chunk.endCommand));
        continue;
      }
      const before = decider.discard?.(start) ?? start;
      if (NOT_WRITTEN.has(trouble.code)) line.state = before;
      if (trouble.code === 'wrong-expected-revision') line.state = await this.#states.readOn(stream, before);
      else if (trouble.code !== 'ambiguous') throw trouble;
      return trouble;
    }
    line.state = decider.settle?.(round.state) ?? round.state;
    if (round.chunks.length === 0) tell(round.results);
    return undefined;
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

  async #load(stream: string, line: Line<State, Command, Event, Refusal>): Promise<State> {
    const { state, snapshotRevision } = await this.#states.load(stream);
    line.snapshotRevision = snapshotRevision;
    return state;
  }

  /** In the stream's turn, so that the state does not change while it is saved, but after its results are out. */
  async #saveSnapshot(stream: string, line: Line<State, Command, Event, Refusal>): Promise<void> {
    const { decider, snapshots, snapshotEveryEvents = SNAPSHOT_EVERY_EVENTS } = this.#options;
    if (snapshots === undefined || line.state === undefined) return;
    const revision = decider.revisionOf(line.state);
    if (revision - line.snapshotRevision < snapshotEveryEvents) return;
    await this.#states.saveSnapshot(stream, line.state);
    line.snapshotRevision = revision;
  }

  #openLine(stream: string): Line<State, Command, Event, Refusal> {
    if (this.#closed) throw new EventStoreError('closed', `The writer of ${stream} was closed; nothing was written.`);
    const line = this.#lines.get(stream) ?? {
      state: undefined,
      snapshotRevision: -1,
      turn: Promise.resolve(),
      turns: 0,
      gathering: undefined,
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

/** Not of the store or the stream: a command that cannot be decided, or whose events no append can hold. */
function isFaultOfCommand(error: unknown): boolean {
  if (error instanceof EventStoreError) return error.code === 'too-large';
  return !(error instanceof StreamUnreadable);
}
