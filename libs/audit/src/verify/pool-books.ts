// Books of a tenant's included minutes: what calls have used of each pool in each month, and what calls in progress hold of it; how
// much is left for a call goes out. Written down a second time on purpose, as the other books are.

import { isLicence, LICENCES } from '@tollkeeper/ledger';

const METERS = ['domestic', 'international', 'conferencing'] as const;
const MANY_MINUTES_COUNTRIES = ['US', 'CA'];
const MS_PER_MINUTE = 60_000;

/** Some milliseconds of a meter of a pool, in a month. */
export type Part = { readonly pool: string; readonly month: string; readonly meter: string; readonly ms: number };

/** Licences held, by name and country: `calling-plan-120 FR`. */
export type Held = ReadonlyMap<string, number>;

export class PoolBooks {
  readonly #used = new Map<string, number>();
  readonly #held = new Map<string, number>();

  /** Milliseconds that were used by then; below zero when more was given back. */
  use({ ms, ...meter }: Part): number {
    return moved(this.#used, keyOf(meter), ms);
  }

  hold(part: Part | null): void {
    if (part !== null) moved(this.#held, keyOf(part), part.ms);
  }

  free(part: Part | null): void {
    if (part !== null) moved(this.#held, keyOf(part), -part.ms);
  }

  /**
   * What a call may use: what no call has used or holds, nothing once any meter of the pool has reached its cap, and what is its own
   * already, counted here as used or held.
   * @param capMs the meter's, where the event tells it.
   */
  leftOf(meter: Omit<Part, 'ms'>, licences: Held, own: Part | null, capMs = capOf(meter, licences) ?? 0): number {
    const ownMs = own !== null && keyOf(own) === keyOf(meter) ? own.ms : 0;
    const isClosed = METERS.some((name) => {
      const cap = name === meter.meter ? capMs : capOf({ ...meter, meter: name }, licences);
      return cap !== undefined && (this.#used.get(keyOf({ ...meter, meter: name })) ?? 0) >= cap;
    });
    if (isClosed) return ownMs;
    return Math.max(0, capMs - (this.#used.get(keyOf(meter)) ?? 0) - (this.#held.get(keyOf(meter)) ?? 0)) + ownMs;
  }
}

/** Minutes of a licence × how many are held; undefined where a pool has no such meter. */
export function capOf({ pool, meter }: Omit<Part, 'ms'>, licences: Held): number | undefined {
  const [licence = '', country = ''] = pool.split(' ');
  if (!isLicence(licence)) return undefined;
  const terms: Readonly<Record<string, number | undefined>> = LICENCES[licence];
  const many = MANY_MINUTES_COUNTRIES.includes(country) ? terms[`${meter}MinutesUsCa`] : undefined;
  const minutes = many ?? terms[`${meter}Minutes`];
  return minutes === undefined ? undefined : minutes * (licences.get(pool) ?? 0) * MS_PER_MINUTE;
}

function moved(sums: Map<string, number>, key: string, byMs: number): number {
  const after = (sums.get(key) ?? 0) + byMs;
  sums.set(key, after);
  return after;
}

function keyOf({ pool, month, meter }: Omit<Part, 'ms'>): string {
  return `${pool} ${month} ${meter}`;
}
