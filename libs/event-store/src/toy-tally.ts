// For tests of the stream writer: a tally per stream that counts each ticket once, in two forms of state, and a store that fails.

import { createHash } from 'node:crypto';
import type { Decider, PlacedEvent } from './decider.js';
import { EventStoreError, NO_STREAM, type EventStore, type EventToAppend, type RecordedEvent } from './event-store.js';

export type Count = {
  readonly ticket: string;
  readonly amount: number;
  readonly parts?: number;
  readonly seen?: number;
};
export type Counted = {
  readonly ticket: string;
  readonly amount: number;
  readonly before: number;
  readonly after: number;
};
export type TallyRefusal = 'other-amount';

export const counts = (from: number, to: number): readonly Count[] =>
  Array.from({ length: to - from }, (_, i) => ({ ticket: `t${from + i}`, amount: 1 }));

export type Tally = {
  readonly stream: string;
  readonly revision: number;
  readonly total: number;
  readonly tickets: ReadonlyMap<string, number>;
};

/** State that is never changed. Each ticket's amount is looked up in the event that counted it. */
export const tallyDecider: Decider<Tally, Count, Counted, TallyRefusal> = {
  initialState: (stream) => ({ stream, revision: NO_STREAM, total: 0, tickets: new Map() }),
  evolve: (tally, event) => add(tally, event.data as unknown as Counted),
  decide: ({ ticket, amount, parts = 1, seen }, { total, tickets }) => {
    if (tickets.has(ticket)) return seen === amount ? [] : 'other-amount';
    return Array.from({ length: parts }, (_, i) => ({
      ticket,
      amount,
      before: total + i * amount,
      after: total + (i + 1) * amount,
    }));
  },
  isRefusal: (decided): decided is TallyRefusal => typeof decided === 'string',
  record: (tally, events) => {
    const toAppend = events.map((event, i) => stored(tally.stream, tally.revision + 1 + i, event));
    const bytes = toAppend.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(JSON.stringify([data, metadata])), 0);
    return { state: events.reduce(add, tally), toAppend, bytes };
  },
  evidenceFor: ({ ticket }, { tickets }) => [tickets.get(ticket) ?? []].flat(),
  withEvidence: (command, [event]: readonly PlacedEvent[]) =>
    event?.data['ticket'] === command.ticket ? { ...command, seen: Number(event.data['amount']) } : command,
  revisionOf: ({ revision }) => revision,
};

function add(tally: Tally, { ticket, before, after }: Counted): Tally {
  if (before !== tally.total) throw new Error(`${tally.stream} stands at ${tally.total}, the event says ${before}`);
  const revision = tally.revision + 1;
  return {
    ...tally,
    revision,
    total: after,
    tickets: new Map(tally.tickets).set(ticket, tally.tickets.get(ticket) ?? revision),
  };
}

/** The same bytes always get the same id, as every decider must see to. */
function stored(stream: string, revision: number, data: Counted): EventToAppend {
  const hex = createHash('sha256')
    .update(JSON.stringify([stream, revision, data]))
    .digest('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { id, type: 'Counted.v1', data, metadata: {} };
}

/** The same rules over a state that is changed in place. */
export type MutableTally = { tally: Tally; settled: Tally };

export const mutableTallyDecider: Decider<MutableTally, Count, Counted, TallyRefusal> = {
  initialState: (stream) => {
    const tally = tallyDecider.initialState(stream);
    return { tally, settled: tally };
  },
  evolve: (state, event: RecordedEvent) => {
    state.tally = state.settled = tallyDecider.evolve(state.tally, event);
    return state;
  },
  decide: (command, { tally }) => tallyDecider.decide(command, tally),
  isRefusal: tallyDecider.isRefusal,
  record: (state, events) => {
    const recorded = tallyDecider.record(state.tally, events);
    state.tally = recorded.state;
    return { ...recorded, state };
  },
  evidenceFor: (command, { tally }) => tallyDecider.evidenceFor?.(command, tally) ?? [],
  withEvidence: (command, events) => tallyDecider.withEvidence?.(command, events) ?? command,
  settle: (state) => {
    state.settled = state.tally;
    return state;
  },
  discard: (state) => {
    state.tally = state.settled;
    return state;
  },
  revisionOf: ({ tally }) => tally.revision,
};

export const FAULTS = ['none', 'unavailable', 'lost-before', 'lost-after', 'lost-late', 'read-fails'] as const;
export type Fault = (typeof FAULTS)[number];

/** Asks for a fault at each append and each read, and otherwise does what the store does. */
export function failingStore(store: EventStore, nextFault: () => Fault): EventStore {
  const lost = (): EventStoreError => new EventStoreError('ambiguous', 'The answer was lost.');
  return {
    kind: store.kind,
    maxAppendBytes: store.maxAppendBytes,
    async append(stream, expected, events) {
      const fault = nextFault();
      if (fault === 'unavailable') throw new EventStoreError('unavailable', 'The store is away.');
      if (fault === 'lost-before') throw lost();
      if (fault === 'lost-late') {
        setTimeout(() => store.append(stream, expected, events).catch(() => undefined), 3);
        throw lost();
      }
      const result = await store.append(stream, expected, events);
      if (fault === 'lost-after') throw lost();
      return result;
    },
    async *readStream(stream, options) {
      if (nextFault() === 'read-fails') throw new EventStoreError('unavailable', 'The store is away.');
      yield* store.readStream(stream, options);
    },
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

/** Counts appends and reads, so that a test can say how much a thing cost. */
export function watched(store: EventStore): {
  readonly store: EventStore;
  readonly appends: number[];
  readonly reads: number[];
} {
  const appends: number[] = [];
  const reads: number[] = [];
  const watching: EventStore = {
    ...failingStore(store, () => 'none'),
    append(stream, expected, events) {
      appends.push(events.length);
      return store.append(stream, expected, events);
    },
    readStream(stream, options) {
      reads.push(options?.fromRevision ?? 0);
      return store.readStream(stream, options);
    },
  };
  return { store: watching, appends, reads };
}
