// The waterfall's included minutes: what a pool holds in a month, what calls have used of it, and what calls in progress hold.
//
// A pool is shared by the tenant's licences of one plan in one country, for a calendar month in UTC by answer time. A plan with two
// caps is closed for the month as soon as either is reached.

import { licencesAssignedAt, licenceTerms, type Entitlements, type Licence } from './entitlements.js';
import type { SlicedMap } from './sliced-map.js';

export const POOL_METERS = ['domestic', 'international', 'conferencing'] as const;
export type PoolMeter = (typeof POOL_METERS)[number];

/** Whose minutes a call would use: `calling-plan-120 FR` or `audio-conferencing`, a month, and the meter it runs on. */
export type PoolRef = { readonly pool: string; readonly month: string; readonly meter: PoolMeter };

/** Milliseconds by meter. */
type Meters = Readonly<Partial<Record<PoolMeter, number>>>;
export type PoolState = { readonly used: Meters; readonly held: Meters };
export type Pools = SlicedMap<PoolState>;

const UNUSED: PoolState = { used: {}, held: {} };
const MS_PER_MINUTE = 60_000;
const MANY_MINUTES_COUNTRIES: readonly string[] = ['US', 'CA'];

/** `2026-03-31T23:59:59.999Z` is of `2026-03`: the month of a pool is that of the answer, in UTC. */
export function monthOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

export function callingPool(licence: Licence, country: string): string {
  return `${licence} ${country}`;
}

export const CONFERENCING_POOL = 'audio-conferencing';

/** Caps of the pool in milliseconds: minutes per licence × licences assigned at the instant. */
export function capsOf(pool: string, entitlements: Entitlements, atMs: number): Meters {
  const [name = '', country] = pool.split(' ');
  const licence = name as Licence;
  const { conferencingMinutes, domesticMinutes, domesticMinutesUsCa, internationalMinutes } = licenceTerms(licence);
  const many = country !== undefined && MANY_MINUTES_COUNTRIES.includes(country) ? domesticMinutesUsCa : undefined;
  const licences = licencesAssignedAt(entitlements, licence, country ?? null, atMs);
  const capOf = (minutes: number | undefined) => (minutes === undefined ? undefined : minutes * licences * MS_PER_MINUTE);
  const caps = {
    domestic: capOf(many ?? domesticMinutes),
    international: capOf(internationalMinutes),
    conferencing: capOf(conferencingMinutes),
  };
  return Object.fromEntries(Object.entries(caps).filter(([, cap]) => cap !== undefined)) as Meters;
}

/** Milliseconds left for new calls on the meter: 0 once any cap of the pool is reached, and less what calls in progress hold. */
export function leftInPool(pools: Pools, { pool, month, meter }: PoolRef, caps: Meters): number {
  const { used, held } = pools.get(keyOf(pool, month)) ?? UNUSED;
  for (const other of POOL_METERS) {
    const cap = caps[other];
    if (cap !== undefined && (used[other] ?? 0) >= cap) return 0;
  }
  return Math.max(0, (caps[meter] ?? 0) - (used[meter] ?? 0) - (held[meter] ?? 0));
}

export function usedOfPool(pools: Pools, { pool, month, meter }: PoolRef): number {
  return pools.get(keyOf(pool, month))?.used[meter] ?? 0;
}

export type PoolChange = { readonly usedMs?: number; readonly heldMs?: number };

/** @throws RangeError when more is given back than was used or held. */
export function changePool(pools: Pools, { pool, month, meter }: PoolRef, { usedMs = 0, heldMs = 0 }: PoolChange): Pools {
  if (usedMs === 0 && heldMs === 0) return pools;
  const state = pools.get(keyOf(pool, month)) ?? UNUSED;
  return pools.with(keyOf(pool, month), {
    used: changed(state.used, meter, usedMs),
    held: changed(state.held, meter, heldMs),
  });
}

function changed(meters: Meters, meter: PoolMeter, byMs: number): Meters {
  if (byMs === 0) return meters;
  const after = (meters[meter] ?? 0) + byMs;
  if (after < 0) throw new RangeError(`a pool's ${meter} meter cannot fall to ${after} ms`);
  return { ...meters, [meter]: after };
}

function keyOf(pool: string, month: string): string {
  return `${pool} ${month}`;
}
