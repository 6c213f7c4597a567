// Between the stream writer and the store: a stream name comes in, its state up to the last event goes out, by snapshot and tail.

import { StreamUnreadable, type Decider, type PlacedEvent, type Snapshots } from './decider.js';
import { EventStoreError, NO_STREAM, type EventStore } from './event-store.js';

export type SnapshotFault = { readonly stream: string; readonly doing: 'load' | 'save'; readonly error: unknown };

export type Loaded<State> = {
  readonly state: State;
  /** What the snapshot covers; -1 when there was none that could be used. */
  readonly snapshotRevision: number;
};

/** A gap up to here between wanted events is read over, because a read costs as much as some hundred events. */
const MOST_UNWANTED_EVENTS = 200;

export class StreamStates<State, Command, Event, Refusal> {
  constructor(
    readonly store: EventStore,
    readonly decider: Decider<State, Command, Event, Refusal>,
    readonly snapshots: Snapshots<State> | undefined,
    readonly onSnapshotFault: (fault: SnapshotFault) => void,
  ) {}

  async load(stream: string): Promise<Loaded<State>> {
    const loaded = await this.#loadSnapshot(stream);
    if (loaded !== undefined) return loaded;
    return { state: await this.readOn(stream, this.decider.initialState(stream)), snapshotRevision: NO_STREAM };
  }

  /** Folds what stands after the state. */
  async readOn(stream: string, state: State): Promise<State> {
    const { evolve, revisionOf } = this.decider;
    let next = state;
    let revision = revisionOf(state) + 1;
    try {
      for await (const page of this.store.readStream(stream, { fromRevision: revision })) {
        for (const event of page) {
          revision = event.revision;
          next = evolve(next, event);
        }
      }
    } catch (error) {
      if (error instanceof EventStoreError && error.code !== 'corrupt') throw error;
      throw new StreamUnreadable(stream, revision, error);
    }
    return next;
  }

  async saveSnapshot(stream: string, state: State): Promise<void> {
    try {
      await this.snapshots?.save(stream, state);
    } catch (error) {
      this.onSnapshotFault({ stream, doing: 'save', error });
    }
  }

  /** Events at these revisions, out of `known` where it has them; `known` keeps what was read. */
  async evidence(stream: string, revisions: readonly number[], known: Map<number, PlacedEvent>): Promise<readonly PlacedEvent[]> {
    const missing = [...new Set(revisions)].filter((revision) => !known.has(revision)).toSorted((a, b) => a - b);
    for (const { first, last } of ranges(missing)) {
      const pages = this.store.readStream(stream, { fromRevision: first, maxCount: last - first + 1 });
      for await (const page of pages) for (const event of page) known.set(event.revision, event);
    }
    return revisions.flatMap((revision) => known.get(revision) ?? []);
  }

  async #loadSnapshot(stream: string): Promise<Loaded<State> | undefined> {
    if (this.snapshots === undefined) return undefined;
    try {
      const snapshot = await this.snapshots.load(stream);
      if (snapshot === undefined) return undefined;
      await this.#assertStands(stream, snapshot);
      return { state: await this.readOn(stream, snapshot.state), snapshotRevision: snapshot.revision };
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
      this.onSnapshotFault({ stream, doing: 'load', error });
      return undefined;
    }
  }

  /** A snapshot from before the store was restored from a backup may know events that no longer stand. */
  async #assertStands(stream: string, { state, revision }: { readonly state: State; readonly revision: number }): Promise<void> {
    const known = this.decider.revisionOf(state);
    if (known !== revision) throw new Error(`The snapshot says revision ${revision}, but its state stands at ${known}`);
    const pages = this.store.readStream(stream, { fromRevision: revision, maxCount: 1 });
    for await (const page of pages) if (page.length > 0) return;
    throw new Error(`The snapshot stands at revision ${revision}, but the stream ends before`);
  }
}

function ranges(sorted: readonly number[]): readonly { readonly first: number; readonly last: number }[] {
  const found: { first: number; last: number }[] = [];
  for (const revision of sorted) {
    const range = found.at(-1);
    if (range !== undefined && revision - range.last <= MOST_UNWANTED_EVENTS) range.last = revision;
    else found.push({ first: revision, last: revision });
  }
  return found;
}
