// Payment step's list for the sweep: the read model's rows of open recharges → those whose next attempt may be due.

import type { ReadStore } from '@tollkeeper/read-store';
import type { OpenRecharges } from './sweep.js';

/** Oldest first; what is beyond waits for a sweep that has fewer before it. */
const MAX_RECHARGES_PER_SWEEP = 10_000;

/** The columns of the auto-recharge read model that are read here. */
export type RechargeTables = {
  readonly auto_recharge: {
    readonly recharge_id: string;
    readonly tenant: string;
    readonly status: string;
    readonly retry_at: string | null;
    readonly requested_at: string;
  };
};

export function openRechargesIn({ db }: Pick<ReadStore<RechargeTables>, 'db'>, nowMs: () => number): OpenRecharges {
  return async () => {
    // Instants are ISO 8601 text in UTC with milliseconds, so their order is the order of their text.
    const now = new Date(nowMs()).toISOString();
    const rows = await db
      .selectFrom('auto_recharge')
      .select(['tenant', 'recharge_id'])
      .where('status', '=', 'open')
      .where((row) => row.or([row('retry_at', 'is', null), row('retry_at', '<=', now)]))
      .orderBy('requested_at')
      .limit(MAX_RECHARGES_PER_SWEEP)
      .execute();
    return rows.map(({ tenant, recharge_id }) => ({ tenant, rechargeId: recharge_id }));
  };
}
