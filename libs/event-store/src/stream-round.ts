// One round of the stream writer: commands and a state come in, what each decided and the appends to make go out. Writes nothing.

import type { Decider, PlacedEvent } from './decider.js';
import type { EventToAppend } from './event-store.js';

export type CommandResult<Event, Refusal> =
  | {
      readonly kind: 'recorded';
      readonly events: readonly Event[];
      readonly firstRevision: number;
      readonly lastRevision: number;
    }
  /** The command asked for what is already so, for instance because it was executed before. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Neighbouring commands whose events go into one append. */
export type Chunk = {
  /** From here to `endCommand` results, also a "no", follow from events up to this chunk's and from none after it. */
  readonly firstCommand: number;
  readonly endCommand: number;
  readonly expectedRevision: number;
  readonly events: readonly EventToAppend[];
};

export type Round<State, Event, Refusal> = {
  readonly state: State;
  readonly results: readonly CommandResult<Event, Refusal>[];
  readonly chunks: readonly Chunk[];
};

export type RoundLimits = { readonly maxEvents: number; readonly maxBytes: number };

export type FindEvidence = (revisions: readonly number[], known: Map<number, PlacedEvent>) => Promise<readonly PlacedEvent[]>;

export async function decideRound<State, Command, Event, Refusal>(
  decider: Decider<State, Command, Event, Refusal>,
  stream: string,
  start: State,
  commands: readonly Command[],
  limits: RoundLimits,
  findEvidence: FindEvidence,
): Promise<Round<State, Event, Refusal>> {
  let state = start;
  const results: CommandResult<Event, Refusal>[] = [];
  const chunks = new Chunks(decider.revisionOf(start), limits);
  const known = new Map<number, PlacedEvent>();
  // A replay asks for thousands of neighbouring events; asked for together they are a few reads.
  const wantedAtStart = commands.flatMap((command) => decider.evidenceFor?.(command, start) ?? []);
  if (wantedAtStart.length > 0) await findEvidence(wantedAtStart, known);
  for (const [index, command] of commands.entries()) {
    const wanted = decider.evidenceFor?.(command, state) ?? [];
    const informed = wanted.length === 0 ? command : await inform(decider, command, wanted, known, findEvidence);
    const decided = decider.decide(informed, state);
    if (decider.isRefusal(decided)) {
      results.push({ kind: 'refused', refusal: decided });
    } else if (decided.length === 0) {
      results.push({ kind: 'nothing' });
    } else {
      const firstRevision = decider.revisionOf(state) + 1;
      const recorded = decider.record(state, decided);
      state = recorded.state;
      recorded.toAppend.forEach((event, i) => known.set(firstRevision + i, { ...event, stream, revision: firstRevision + i }));
      chunks.add(index, recorded.toAppend, recorded.bytes);
      results.push({ kind: 'recorded', events: decided, firstRevision, lastRevision: decider.revisionOf(state) });
    }
  }
  return { state, results, chunks: chunks.end(commands.length) };
}

async function inform<State, Command, Event, Refusal>(
  decider: Decider<State, Command, Event, Refusal>,
  command: Command,
  wanted: readonly number[],
  known: Map<number, PlacedEvent>,
  findEvidence: FindEvidence,
): Promise<Command> {
  const evidence = await findEvidence(wanted, known);
  return decider.withEvidence?.(command, evidence) ?? command;
}

/** Cuts the events of a round into appends, never between the events of one command. */
class Chunks {
  readonly #limits: RoundLimits;
  readonly #chunks: Chunk[] = [];
  #expectedRevision: number;
  #firstCommand = 0;
  #events: EventToAppend[] = [];
  #bytes = 0;

  constructor(revision: number, limits: RoundLimits) {
    this.#expectedRevision = revision;
    this.#limits = limits;
  }

  add(command: number, events: readonly EventToAppend[], bytes: number): void {
    const { maxEvents, maxBytes } = this.#limits;
    const full = this.#events.length + events.length > maxEvents || this.#bytes + bytes > maxBytes;
    if (full) this.#cut(command);
    this.#events.push(...events);
    this.#bytes += bytes;
  }

  end(commands: number): readonly Chunk[] {
    this.#cut(commands);
    return this.#chunks;
  }

  #cut(endCommand: number): void {
    if (this.#events.length === 0) return;
    const chunk = {
      firstCommand: this.#firstCommand,
      endCommand,
      expectedRevision: this.#expectedRevision,
      events: this.#events,
    };
    this.#chunks.push(chunk);
    this.#expectedRevision += this.#events.length;
    this.#firstCommand = endCommand;
    this.#events = [];
    this.#bytes = 0;
  }
}
