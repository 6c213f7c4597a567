// Notice step's part for included minutes: debits that a pool paid → how much of each month's pool is used, and whether 80 or 100
// percent of it was reached just now.
//
// What is left by an event is less what calls in progress hold; so the minutes used are summed here instead, and a call that is
// still being talked does not bring a mail that the minutes are gone. A cap that rises with new licences opens the pool again, but
// what was told of it in a month is not told again.

import type { PoolMeter, PoolUse } from '@tollkeeper/ledger';
import type { PlacedLedgerEvent } from './read-model.js';

export type PoolFacts = {
  readonly capMs: number;
  readonly meter: PoolMeter;
  readonly month: string;
  readonly pool: string;
  readonly usedMs: number;
};

export type RaisedPool = { readonly kind: 'pool-80' | 'pool-100'; readonly facts: PoolFacts };

/** Milliseconds used, and the highest percentage told of, by `<month> <meter> <pool>`. */
type Pools = Readonly<Record<string, { readonly usedMs: number; readonly told: Level }>>;
type Level = 0 | 80 | 100;

/** The month of the latest call and those before it that are still counted: what is older than that is nobody's news. */
const MONTHS_COUNTED = 3;

export function poolsAfter(json: string, event: PlacedLedgerEvent): string {
  const use = useOf(event);
  if (use === undefined) return json;
  const pools = poolsIn(json);
  const { usedMs, told } = pools[keyOf(use)] ?? { usedMs: 0, told: 0 };
  if (event.type === 'CallReversed.v1') {
    return JSON.stringify({ ...pools, [keyOf(use)]: { usedMs: Math.max(0, usedMs - use.usedMs), told } });
  }
  const after = usedMs + use.usedMs;
  const level = levelOf(after, use.capMs);
  return JSON.stringify(latest({ ...pools, [keyOf(use)]: { usedMs: after, told: level > told ? level : told } }));
}

/** The higher of the two when one call goes past both: 70 % before and 100 % after it is `pool-100`. */
export function poolRaised(before: string, after: string, event: PlacedLedgerEvent): RaisedPool | undefined {
  const use = useOf(event);
  if (use === undefined || before === after) return undefined;
  const { told: toldBefore } = poolsIn(before)[keyOf(use)] ?? { told: 0 };
  const { usedMs, told } = poolsIn(after)[keyOf(use)] ?? { usedMs: 0, told: 0 };
  if (told === toldBefore || told === 0) return undefined;
  const { capMs, meter, month, pool } = use;
  return { kind: told === 100 ? 'pool-100' : 'pool-80', facts: { capMs, meter, month, pool, usedMs } };
}

function useOf(event: PlacedLedgerEvent): PoolUse | undefined {
  if (event.type !== 'CallDebited.v1' && event.type !== 'CallReversed.v1') return undefined;
  return event.data.pool ?? undefined;
}

function levelOf(usedMs: number, capMs: number): Level {
  if (capMs <= 0) return 0;
  if (usedMs >= capMs) return 100;
  // Whole milliseconds, so that the comparison is exact.
  return usedMs * 100 >= capMs * 80 ? 80 : 0;
}

/** The month stands first and has a fixed length, so that keys sort by it. */
function keyOf({ month, meter, pool }: PoolUse): string {
  return `${month} ${meter} ${pool}`;
}

function poolsIn(json: string): Pools {
  return json === '{}' ? {} : (JSON.parse(json) as Pools);
}

function latest(pools: Pools): Pools {
  const months = [...new Set(Object.keys(pools).map((key) => key.slice(0, 'YYYY-MM'.length)))].toSorted();
  const first = months.at(-MONTHS_COUNTED) ?? '';
  return Object.fromEntries(Object.entries(pools).filter(([key]) => key >= first));
}
