// Two programs of many callers each, shared streams, lost answers, late writes, outages and deaths at random: nothing is lost,
// nothing is doubled, and whatever a caller was told stood at that moment.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collect } from './contract-tools.js';
import type { Decider } from './decider.js';
import { EventStoreError, type EventStore } from './event-store.js';
import { inMemoryEventStore } from './in-memory.js';
import type { CommandResult } from './stream-round.js';
import { StreamWriter } from './stream-writer.js';
import {
  failingStore,
  FAULTS,
  mutableTallyDecider,
  tallyDecider,
  type Count,
  type Counted,
  type Fault,
  type TallyRefusal,
} from './toy-tally.js';

const RUNS = 150;
const streams = ['tally-1', 'tally-2', 'tally-3'];

/** Some callers say another amount for the same ticket: who comes first is right, and the others are refused. */
const count = fc
  .record({ n: fc.nat(60), isOther: fc.nat(9) })
  .map(({ n, isOther }): Count => ({ ticket: `t${n}`, amount: (n % 7) + (isOther === 0 ? 101 : 1), parts: (n % 3) + 1 }));
const job = fc.record({
  stream: fc.constantFrom('tally-1', ...streams),
  commands: fc.array(count, { maxLength: 8 }),
  startsAt: fc.nat(6),
});
const plan = fc.record({
  jobs: fc.tuple(fc.array(job, { minLength: 1, maxLength: 25 }), fc.array(job, { minLength: 1, maxLength: 25 })),
  faults: fc.array(fc.constantFrom<Fault>('none', 'none', ...FAULTS), { maxLength: 60 }),
  deaths: fc.array(fc.constantFrom<Death>('none', 'none', 'none', 'before-append', 'after-append'), { maxLength: 30 }),
  maxCachedStreams: fc.integer({ min: 1, max: 3 }),
  maxEventsPerAppend: fc.integer({ min: 1, max: 8 }),
});
type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;
type Job = Plan['jobs'][0][number];
type Death = 'none' | 'before-append' | 'after-append';
type Writer<State> = StreamWriter<State, Count, Counted, TallyRefusal>;

/** What stands, by stream and revision, known without waiting. */
type Standing = ReadonlyMap<string, Counted[]>;

function observed(store: EventStore, standing: Standing): EventStore {
  return {
    ...failingStore(store, () => 'none'),
    async append(stream, expected, events) {
      const result = await store.append(stream, expected, events);
      for (const [i, { data }] of events.entries()) {
        (standing.get(stream) as Counted[])[expected + 1 + i] = data as unknown as Counted;
      }
      return result;
    },
  };
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Dies at an append and leaves its callers without an answer; its successor knows only what the store knows. */
class Program<State> {
  readonly #store: EventStore;
  readonly #newWriter: (store: EventStore) => Writer<State>;
  readonly #nextDeath: () => Death;
  #life!: { readonly writer: Writer<State>; readonly end: Promise<undefined> };

  constructor(store: EventStore, newWriter: (store: EventStore) => Writer<State>, nextDeath: () => Death) {
    this.#store = store;
    this.#newWriter = newWriter;
    this.#nextDeath = nextDeath;
    this.#begin();
  }

  async untilDone({ stream, commands, startsAt }: Job, standing: Standing): Promise<void> {
    for (let turn = 0; turn < startsAt; turn += 1) await new Promise(setImmediate);
    for (;;) {
      const { writer, end } = this.#life;
      try {
        const results = await Promise.race([writer.execute(stream, commands), end]);
        if (results !== undefined) return checkTold(commands, results, standing.get(stream) ?? []);
      } catch (error) {
        if (!(error instanceof EventStoreError && error.retryable)) throw error;
      }
    }
  }

  #begin(): void {
    const { promise: end, resolve } = Promise.withResolvers<undefined>();
    let isDead = false;
    const die = <T>(): Promise<T> => {
      isDead = true;
      this.#begin();
      resolve(undefined);
      return never();
    };
    const store = this.#store;
    const mortal: EventStore = {
      ...failingStore(store, () => 'none'),
      append: async (stream, expected, events) => {
        if (isDead) return never();
        const death = this.#nextDeath();
        if (death === 'before-append') return die();
        const result = await store.append(stream, expected, events);
        if (isDead) return never();
        return death === 'after-append' ? die() : result;
      },
      async *readStream(stream, options) {
        if (isDead) await never();
        yield* store.readStream(stream, options);
      },
    };
    this.#life = { writer: this.#newWriter(mortal), end };
  }
}

/** The truth of an answer does not wait for the writer to get round to it. */
function checkTold(
  commands: readonly Count[],
  results: readonly CommandResult<Counted, TallyRefusal>[],
  standing: readonly Counted[],
): void {
  expect(results).toHaveLength(commands.length);
  for (const [i, { ticket, amount, parts = 1 }] of commands.entries()) {
    const result = results[i] as CommandResult<Counted, TallyRefusal>;
    const counted = standing.find((one) => one.ticket === ticket);
    if (result.kind === 'recorded') {
      expect(result.events.length).toBe(parts);
      expect(standing.slice(result.firstRevision, result.lastRevision + 1)).toEqual(result.events);
      expect(counted).toMatchObject({ ticket, amount });
    } else if (result.kind === 'nothing') expect(counted?.amount).toBe(amount);
    else expect([undefined, amount]).not.toContain(counted?.amount);
  }
}

/** Shares no code with the writer: adds up what was asked for, and reads what stands. */
async function audit(store: EventStore, jobs: readonly Job[]): Promise<void> {
  for (const stream of streams) {
    const asked = new Map<string, { readonly parts: number; readonly amounts: Set<number> }>();
    for (const { ticket, amount, parts = 1 } of jobs.flatMap((one) => (one.stream === stream ? one.commands : []))) {
      asked.set(ticket, { parts, amounts: new Set([...(asked.get(ticket)?.amounts ?? []), amount]) });
    }
    const standing = (await collect(store.readStream(stream))).map(({ data }) => data as unknown as Counted);
    const timesCounted = new Map<string, number>();
    let total = 0;
    for (const { ticket, amount, before, after } of standing) {
      expect([before, after]).toEqual([total, total + amount]);
      expect(asked.get(ticket)?.amounts).toContain(amount);
      total = after;
      timesCounted.set(ticket, (timesCounted.get(ticket) ?? 0) + 1);
    }
    expect(timesCounted).toEqual(new Map([...asked].map(([ticket, { parts }]) => [ticket, parts])));
  }
}

async function simulate<State>(
  decider: Decider<State, Count, Counted, TallyRefusal>,
  { jobs, faults, deaths, maxCachedStreams, maxEventsPerAppend }: Plan,
): Promise<void> {
  const inner = inMemoryEventStore();
  const standing = new Map(streams.map((stream): [string, Counted[]] => [stream, []]));
  const [faultsToCome, deathsToCome] = [[...faults], [...deaths]];
  const shared = failingStore(observed(inner, standing), () => faultsToCome.shift() ?? 'none');
  const newWriter = (store: EventStore) => new StreamWriter({ store, decider, maxCachedStreams, maxEventsPerAppend });
  const programs = jobs.map((own) => {
    const program = new Program(shared, newWriter, () => deathsToCome.shift() ?? 'none');
    return Promise.all(own.map((one) => program.untilDone(one, standing)));
  });
  await Promise.all(programs);
  await audit(inner, jobs.flat());
}

test('over states that are never changed', async () => {
  await fc.assert(
    fc.asyncProperty(plan, (one) => simulate(tallyDecider, one)),
    { numRuns: RUNS },
  );
});

test('over states that are changed in place', async () => {
  await fc.assert(
    fc.asyncProperty(plan, (one) => simulate(mutableTallyDecider, one)),
    { numRuns: RUNS },
  );
});
