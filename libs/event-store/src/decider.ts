// What a program gives the stream writer: its rules as plain functions over a state folded from one stream.

import type { EventToAppend, RecordedEvent } from './event-store.js';

/** An event that stands, or is about to stand, at a revision. */
export type PlacedEvent = EventToAppend & { readonly stream: string; readonly revision: number };

/**
 * A state, or a part of it that it shares with its successors, may be changed in place if `discard` takes back what was
 * recorded since the last `settle`; without `discard` every function must return a new state and leave the old one as it was.
 */
export type Decider<State, Command, Event, Refusal> = {
  readonly initialState: (stream: string) => State;
  /** Folds a stored event; throws when it cannot be folded. */
  readonly evolve: (state: State, event: RecordedEvent) => State;
  /** Must give the same answer for the same command and state: after a conflict it is asked again. */
  readonly decide: (command: Command, state: State) => readonly Event[] | Refusal;
  readonly isRefusal: (decided: readonly Event[] | Refusal) => decided is Refusal;
  /** Turns decided events into their stored form, and the state into the one after them. */
  readonly record: (state: State, events: readonly Event[]) => Recorded<State>;
  /** Revisions of the events that `decide` has to see to tell a duplicate from a conflict. Rare: each may cost a read. */
  readonly evidenceFor?: (command: Command, state: State) => readonly number[];
  readonly withEvidence?: (command: Command, events: readonly PlacedEvent[]) => Command;
  /** What was recorded now stands in the store. */
  readonly settle?: (state: State) => State;
  /** Given the state as it was before: what was recorded since the last `settle` does not count, wherever the two share it. */
  readonly discard?: (state: State) => State;
  /** Revision of the last event in the state; -1 when there is none. */
  readonly revisionOf: (state: State) => number;
};

export type Recorded<State> = {
  readonly state: State;
  readonly toAppend: readonly EventToAppend[];
  /** Bytes of `data` and `metadata` of all of them. */
  readonly bytes: number;
};

/** Disposable: a snapshot that is missing, broken or too old only costs time. */
export type Snapshots<State> = {
  readonly load: (stream: string) => Promise<{ readonly state: State; readonly revision: number } | undefined>;
  readonly save: (stream: string, state: State) => Promise<void>;
};

/** This stream cannot be folded. Others can: put its tenant aside and go on. */
export class StreamUnreadable extends Error {
  readonly code = 'stream-unreadable';
  readonly retryable = false;
  constructor(
    readonly stream: string,
    readonly revision: number,
    cause: unknown,
  ) {
    super(
      `Stream ${stream} cannot be folded at revision ${revision}. Nothing is written to it until a program that understands the event, or a restored store, takes over.`,
      { cause },
    );
    this.name = 'StreamUnreadable';
  }
}
