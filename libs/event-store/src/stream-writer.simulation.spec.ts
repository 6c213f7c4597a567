// Two writers, shared streams, lost answers, late writes and outages at random: nothing is lost and nothing is doubled.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { collect } from './contract-tools.js';
import type { Decider } from './decider.js';
import { EventStoreError, type EventStore } from './event-store.js';
import { inMemoryEventStore } from './in-memory.js';
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

const RUNS = 120;
const streams = ['tally-1', 'tally-2', 'tally-3'];

/** The amount follows from the ticket, so that two writers given the same ticket mean the same. */
const count = fc.nat(40).map((n): Count => ({ ticket: `t${n}`, amount: (n % 7) + 1, parts: (n % 3) + 1 }));
const job = fc.record({
  stream: fc.constantFrom(...streams),
  commands: fc.array(count, { minLength: 1, maxLength: 15 }),
});
const plan = fc.record({
  jobs: fc.tuple(fc.array(job, { minLength: 1, maxLength: 6 }), fc.array(job, { minLength: 1, maxLength: 6 })),
  faults: fc.array(fc.constantFrom<Fault>('none', 'none', ...FAULTS), { maxLength: 60 }),
  maxCachedStreams: fc.integer({ min: 1, max: 3 }),
  maxEventsPerAppend: fc.integer({ min: 1, max: 8 }),
});
type Job = { readonly stream: string; readonly commands: readonly Count[] };

async function untilDone<State>(
  writer: StreamWriter<State, Count, Counted, TallyRefusal>,
  { stream, commands }: Job,
): Promise<void> {
  for (;;) {
    try {
      const results = await writer.execute(stream, commands);
      expect(results).toHaveLength(commands.length);
      expect(results.filter(({ kind }) => kind === 'refused')).toEqual([]);
      return;
    } catch (error) {
      if (!(error instanceof EventStoreError && error.retryable)) throw error;
    }
  }
}

/** Shares no code with the writer: adds up what was asked for, and reads what stands. */
async function audit(store: EventStore, jobs: readonly Job[]): Promise<void> {
  for (const stream of streams) {
    const asked = new Map<string, Count>();
    for (const { commands } of jobs.filter((one) => one.stream === stream))
      for (const one of commands) asked.set(one.ticket, one);
    const standing = (await collect(store.readStream(stream))).map(({ data }) => data as unknown as Counted);
    const timesCounted = new Map<string, number>();
    let total = 0;
    for (const { ticket, amount, before, after } of standing) {
      expect([before, after]).toEqual([total, total + amount]);
      total = after;
      timesCounted.set(ticket, (timesCounted.get(ticket) ?? 0) + 1);
    }
    expect(timesCounted).toEqual(new Map([...asked].map(([ticket, { parts = 1 }]) => [ticket, parts])));
  }
}

async function simulate<State>(
  decider: Decider<State, Count, Counted, TallyRefusal>,
  { jobs, faults, maxCachedStreams, maxEventsPerAppend }: typeof plan extends fc.Arbitrary<infer Plan> ? Plan : never,
): Promise<void> {
  const inner = inMemoryEventStore();
  const waiting = [...faults];
  const store = failingStore(inner, () => waiting.shift() ?? 'none');
  const writers = jobs.map((own) => {
    const writer = new StreamWriter({ store, decider, maxCachedStreams, maxEventsPerAppend });
    return Promise.all(own.map((one) => untilDone(writer, one)));
  });
  await Promise.all(writers);
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
