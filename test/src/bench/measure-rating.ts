// Bench, rating by itself, each figure in a process of its own → calls a second, the cost of a large deck, of a large search.

import { runApart } from './processes.js';
import { progress } from './progress.js';
import type { RatingResult, RatingTask } from './rating-alone.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';

const CALLS_PER_SECOND = 400_000;
const CALLS_PER_SECOND_IN_WINDOWS = 150_000;
const LOAD_BELOW_MS = 2_000;
const HELD_BELOW_MIB = 150;
const LEAST_RATIO = 0.5;

export async function measureRating({ ratingRounds: rounds }: Sizes): Promise<readonly Figure[]> {
  progress('rating by itself');
  const sheet = await run({ what: 'sheet', rounds });
  const windows = await run({ what: 'windows', rounds });
  const load = await run({ what: 'load', rounds });
  const match = await run({ what: 'match', rounds });
  return [
    {
      id: 'R1',
      what: `rate() alone, ${sheet.deck}`,
      value: sheet.perSecond ?? 0,
      unit: 'calls/s',
      aim: { least: CALLS_PER_SECOND },
    },
    {
      id: 'R2',
      what: `the same with tiers and times of day, ${windows.deck}`,
      value: windows.perSecond ?? 0,
      unit: 'calls/s',
      aim: { least: CALLS_PER_SECOND_IN_WINDOWS },
    },
    {
      id: 'R3',
      what: `a deck of ${load.deck} checked and loaded`,
      value: load.loadMs ?? 0,
      unit: 'ms',
      aim: { below: LOAD_BELOW_MS },
    },
    { id: 'R3 memory', what: 'what that deck holds', value: load.heldMiB ?? 0, unit: 'MiB', aim: { below: HELD_BELOW_MIB } },
    {
      id: 'R4',
      what: 'longest prefix among 170,000, against 1,000',
      value: match.perSecond ?? 0,
      unit: 'of its speed',
      aim: { least: LEAST_RATIO },
    },
  ];
}

function run(task: RatingTask): Promise<RatingResult> {
  return runApart<RatingResult>('rating-alone.js', task, { NODE_OPTIONS: '--expose-gc' });
}
