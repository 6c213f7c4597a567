// Balance step, read over HTTP: tenant or page in, rows of the read models as their readers see them out.

import { setTimeout as delay } from 'node:timers/promises';
import { parseLots, type BalanceRow, type RechargeRow, type SpentDay } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import type { BalanceView } from './answers.js';
import type { ReadTables } from './parts.js';
import { problem } from './problem.js';

/** A projection that is healthy is milliseconds behind; one that is not should be seen, not waited for. */
const MAX_LAG_WAIT_MS = 5_000;
const LAG_POLL_MS = 25;

export class Balances {
  readonly #readStore: ReadStore<ReadTables>;

  constructor(readStore: ReadStore<ReadTables>) {
    this.#readStore = readStore;
  }

  async of(tenant: string, minRevision = 0): Promise<BalanceView> {
    const deadlineMs = performance.now() + MAX_LAG_WAIT_MS;
    for (;;) {
      const row = await this.#row(tenant);
      if (row !== undefined && row.revision >= minRevision) return viewOf(row);
      if (minRevision === 0) throw problem('balance-unknown', `Tenant ${tenant} has no balance; open an account first.`);
      if (performance.now() >= deadlineMs) {
        const at = row === undefined ? 'knows nothing of the tenant' : `stands at revision ${row.revision}`;
        throw problem('projection-lags', `After ${MAX_LAG_WAIT_MS} ms the balance ${at}, not yet at ${minRevision}; try again.`);
      }
      await delay(LAG_POLL_MS);
    }
  }

  /** In order of tenant, those after `after`. */
  async page(after: string | undefined, limit: number): Promise<readonly BalanceView[]> {
    const all = this.#readStore.db.selectFrom('balance').selectAll();
    const rest = after === undefined ? all : all.where('tenant', '>', after);
    return (await rest.orderBy('tenant').limit(limit).execute()).map(viewOf);
  }

  async recharge(tenant: string, rechargeId: string): Promise<RechargeRow | undefined> {
    const rows = this.#readStore.db.selectFrom('auto_recharge').selectAll();
    return rows.where('tenant', '=', tenant).where('recharge_id', '=', rechargeId).executeTakeFirst();
  }

  /** Day by day from `from` on, and the very first day with a call. */
  async usage(
    tenant: string,
    from: string,
  ): Promise<{ readonly days: readonly SpentDay[]; readonly firstDay: string | undefined }> {
    const ofTenant = this.#readStore.db.selectFrom('usage_day').select(['day', 'debited']).where('tenant', '=', tenant);
    const first = await ofTenant.orderBy('day').limit(1).executeTakeFirst();
    return { days: await ofTenant.where('day', '>=', from).execute(), firstDay: first?.day };
  }

  #row(tenant: string): Promise<BalanceRow | undefined> {
    return this.#readStore.db.selectFrom('balance').selectAll().where('tenant', '=', tenant).executeTakeFirst();
  }
}

function viewOf(row: BalanceRow): BalanceView {
  const { recharge_trigger: trigger, recharge_amount: amount } = row;
  const suspended = row.recharge_suspended === 1;
  return {
    tenant: row.tenant,
    currency: row.currency,
    plan: row.plan,
    balance: row.balance,
    available: row.available,
    reserved: row.reserved,
    lots: parseLots(row.lots).map(({ lotId, remaining, expiresAt }) => ({ lotId, remaining, expiresAt })),
    nextExpiry: row.next_expiry,
    callsDebited: row.calls_debited,
    callsNotBillable: row.calls_not_billable,
    debited: row.debited,
    purchased: row.purchased,
    recharged: row.recharged,
    expired: row.expired,
    adjusted: row.adjusted,
    refunded: row.refunded,
    alertThreshold: row.alert_threshold,
    autoRecharge: trigger === null || amount === null ? null : { trigger, amount, suspended },
    revision: row.revision,
    recordedAt: row.recorded_at,
  };
}
