// Bench, E1: the rating program on a topic that is full already → how fast its CDRs become debits that the store has
// acknowledged, and what memory and CPU that takes. A CDR counts once its offset is committed, which follows the debit.

import kafkajs from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../stage/programs.js';
import { checkDebits } from './check.js';
import { ratingFiles, type Filled, type Ground } from './ground.js';
import { cpuMsOf, cpuMsOfMachine, memoryOf } from './processes.js';
import { Stopwatch, type Span } from './stopwatch.js';

export type Drained = {
  readonly span: Span;
  readonly peakRssMiB: number;
  /** Resident memory over the run, mean of each tenth of the CDRs. */
  readonly rssMiBByTenth: readonly number[];
  /** CPU microseconds a CDR: of the program, and of everything on the machine, engines included. */
  readonly cpuMicros: { readonly program: number; readonly machine: number };
};

const POLL_MS = 50;
/** Without a commit for so long, the bench gives up. */
const STALLED_AFTER_MS = 60_000;

export async function drain(ground: Ground, filled: Filled, env: Readonly<Record<string, string>> = {}): Promise<Drained> {
  const group = `${filled.topic}-rating`;
  const [deadLetters, parked] = [await ground.topic(`${filled.topic}.dlt`, 2), await ground.topic(`${filled.topic}.parked`, 2)];
  const topics = { CDR_TOPIC: filled.topic, DEAD_LETTER_TOPIC: deadLetters, PARKED_TOPIC: parked, CONSUMER_GROUP: group };
  const program = await ground.start('rating', { ...ratingFiles(ground, filled.topic), ...topics, ...env });
  const drained = await watch(ground, program, filled, group);
  await program.kill('SIGTERM');
  await checkDebits(ground.eventStore, filled.name, filled.count, ground.startPosition);
  return drained;
}

async function watch(ground: Ground, program: Program, { topic, count }: Filled, group: string): Promise<Drained> {
  const { Kafka, logLevel } = kafkajs;
  const admin = new Kafka({ clientId: 'bench', brokers: ground.brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const stopwatch = new Stopwatch(count);
  const tenths = Array.from({ length: 10 }, (): number[] => []);
  let before: { readonly program: number; readonly machine: number } | undefined;
  let movedMs = performance.now();
  try {
    while (stopwatch.count < count) {
      if (program.hasExited()) throw new Error(`rating ended while it was measured\n${program.tail()}`);
      if (performance.now() - movedMs > STALLED_AFTER_MS)
        throw new Error(`rating stands at ${stopwatch.count} of ${count} CDRs\n${program.tail()}`);
      const committed = await committedOf(admin, group, topic);
      if (committed > stopwatch.count) movedMs = performance.now();
      stopwatch.at(committed);
      if (stopwatch.isMeasuring) before ??= cpuNow(program.pid);
      tenths[Math.min(9, Math.floor((committed / count) * 10))]?.push(memoryOf(program.pid).rssMiB);
      await delay(POLL_MS);
    }
  } finally {
    await admin.disconnect();
  }
  const span = await stopwatch.span;
  const after = cpuNow(program.pid);
  const perCdr = (part: 'program' | 'machine'): number => ((after[part] - (before ?? after)[part]) * 1000) / span.events;
  return {
    span,
    peakRssMiB: memoryOf(program.pid).peakRssMiB,
    rssMiBByTenth: tenths.map(mean),
    cpuMicros: { program: perCdr('program'), machine: perCdr('machine') },
  };
}

function cpuNow(pid: number): { readonly program: number; readonly machine: number } {
  return { program: cpuMsOf(pid), machine: cpuMsOfMachine() };
}

async function committedOf(admin: kafkajs.Admin, groupId: string, topic: string): Promise<number> {
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] });
  return offsets.flatMap(({ partitions }) => partitions).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
}
