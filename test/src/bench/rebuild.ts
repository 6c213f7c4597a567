// Bench, rebuild: the events that the run has appended → read models folded anew from the first of them by the projections
// program, nothing published.

import { setTimeout as delay } from 'node:timers/promises';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import type { Ground } from './ground.js';
import { memoryOf } from './processes.js';
import { READ_MODELS, startProjections, type Projecting } from './projecting.js';
import { Stopwatch, type Span } from './stopwatch.js';

/** Where each ledger event stands that came after the run began. */
export async function positionsOf(ground: Ground): Promise<BigUint64Array> {
  let positions = new BigUint64Array(1_024);
  let count = 0;
  for await (const page of ground.eventStore.readAll({ streamPrefix: STREAM_PREFIX, after: ground.startPosition })) {
    if (count + page.length > positions.length) {
      const wider = new BigUint64Array(positions.length * 2 + page.length);
      wider.set(positions);
      positions = wider;
    }
    for (const { position } of page) positions[count++] = position;
  }
  return positions.subarray(0, count);
}

/** `calls`: how many debits of this run the balances count in the end. */
export type Rebuilt = { readonly span: Span; readonly peakRssMiB: number; readonly calls: number };

const POLL_MS = 20;
const STALLED_AFTER_MS = 60_000;

export async function measureRebuild(
  ground: Ground,
  positions: BigUint64Array,
  env: Readonly<Record<string, string>> = {},
): Promise<Rebuilt> {
  const last = positions.at(-1) ?? 0n;
  const projecting = await startProjections(
    ground,
    `rebuild-${Object.keys(env).length}`,
    { readModels: ground.startPosition, publishers: last },
    env,
  );
  const span = await follow(projecting, positions);
  const { peakRssMiB } = memoryOf(projecting.program.pid);
  const rows = await projecting.readStore.db
    .selectFrom('balance')
    .select('calls_debited')
    .where('tenant', 'like', `${ground.run}%`)
    .execute();
  await projecting.stop();
  return { span, peakRssMiB, calls: rows.reduce((sum, { calls_debited }) => sum + calls_debited, 0) };
}

async function follow({ program, readStore }: Projecting, positions: BigUint64Array): Promise<Span> {
  const stopwatch = new Stopwatch(positions.length);
  let movedMs = performance.now();
  while (stopwatch.count < positions.length) {
    if (program.hasExited()) throw new Error(`projections ended while they were measured\n${program.tail()}`);
    if (performance.now() - movedMs > STALLED_AFTER_MS)
      throw new Error(`the rebuild stands at ${stopwatch.count} events\n${program.tail()}`);
    const places = await Promise.all(READ_MODELS.map((model) => readStore.checkpoint(model)));
    const slowest = places.reduce((least, place) => ((place ?? 0n) < (least ?? 0n) ? place : least)) ?? 0n;
    const count = countUpTo(positions, slowest);
    if (count > stopwatch.count) movedMs = performance.now();
    stopwatch.at(count);
    await delay(POLL_MS);
  }
  return await stopwatch.span;
}

function countUpTo(positions: BigUint64Array, position: bigint): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] as bigint) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
