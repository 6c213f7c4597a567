// Bench, balance as of an instant: a year's stream, made on demand, and the rows that its read model would have, in SQLite; what a question
// takes for instants all over the year out, by what is known now.

import { join } from 'node:path';
import { balanceAsOf, stretchesIn } from '@tollkeeper/audit';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { STRETCH_EVENTS, stretches, type StretchRow } from '@tollkeeper/projections';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { LONG_EVERY_MS, LONG_START_MS, LONG_TENANT, longEvent, longStream } from './long-stream.js';
import { progress } from './progress.js';
import { randomOf } from './rating-decks.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';

const QUESTIONS = 40;
const WARM_UP = 5;
const ROWS_PER_WRITE = 500;

export async function measureAsOf(folder: string, { asOfEvents }: Sizes): Promise<readonly Figure[]> {
  progress(`as-of: the stretches of ${asOfEvents.toLocaleString('en')} events`);
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'as-of.sqlite')}`);
  try {
    await readStore.migrate(MIGRATIONS);
    await fill(readStore, asOfEvents);
    progress('as-of: questions');
    return await ask(readStore, asOfEvents);
  } finally {
    await readStore.close();
  }
}

async function fill(readStore: ReadStore<Tables>, events: number): Promise<void> {
  let rows: StretchRow[] = [];
  for (let first = 0; first < events; first += STRETCH_EVENTS) {
    let row: StretchRow | undefined;
    for (let at = first; at < Math.min(events, first + STRETCH_EVENTS); at += 1)
      row = stretches.fold(row, longEvent(at, LONG_EVERY_MS));
    if (row !== undefined) rows.push(row);
    if (rows.length < ROWS_PER_WRITE && first + STRETCH_EVENTS < events) continue;
    const written = rows;
    rows = [];
    await readStore.write((tx) => readStore.upsert(tx, 'ledger_stretch', ['stretch_key'], written));
  }
}

async function ask(readStore: ReadStore<Tables>, events: number): Promise<readonly Figure[]> {
  const [store, random] = [longStream(events), randomOf(11)];
  const taken: number[] = [];
  let [mostRead, stretchesTaken] = [0, 0];
  for (let question = -WARM_UP; question < QUESTIONS; question += 1) {
    const asOfMs = LONG_START_MS + Math.floor(random() * events * LONG_EVERY_MS);
    const fromMs = performance.now();
    const found = await balanceAsOf(store, { tenant: LONG_TENANT, asOfMs, stretches: stretchesIn(readStore) });
    if (question < 0) continue;
    taken.push(performance.now() - fromMs);
    mostRead = Math.max(mostRead, found?.read.events ?? 0);
    stretchesTaken = found?.read.stretches ?? 0;
  }
  const sorted = taken.toSorted((left, right) => left - right);
  const of = `a stream of ${events.toLocaleString('en')} events, made on demand; ${stretchesTaken} stretches, at most ${mostRead} events read`;
  return [
    {
      id: 'as-of',
      what: 'balance as of an instant, median',
      value: sorted[QUESTIONS / 2] ?? 0,
      unit: 'ms',
      aim: { below: 300 },
      remark: of,
    },
    { id: 'as-of-most', what: 'the slowest of forty', value: sorted.at(-1) ?? 0, unit: 'ms', aim: { below: 300 } },
  ];
}
