// Balance step by day, behind HTTP: a tenant and how many days come in; what it had at the end of each, and how long the credit will last
// at today's pace, go out.

import { PACE_DAYS, paceOf, type BalanceDayRow } from '@tollkeeper/projections';
import type { Balances } from './balances.js';
import type { BalanceHistoryView, HistoryDayView } from './history-answers.js';
import type { ApiParts } from './parts.js';

const MS_PER_DAY = 86_400_000;

type HistoryParts = Pick<ApiParts, 'readStore'> & { readonly options: Pick<ApiParts['options'], 'nowMs'> };

export class BalanceHistory {
  readonly #parts: HistoryParts;
  readonly #balances: Balances;

  constructor(parts: HistoryParts, balances: Balances) {
    this.#parts = parts;
    this.#balances = balances;
  }

  /** @throws ProblemError when no balance is known. */
  async of(tenant: string, dayCount: number): Promise<BalanceHistoryView> {
    const nowMs = this.#parts.options.nowMs();
    const { currency, available, autoRecharge } = await this.#balances.of(tenant);
    const days = await this.#days(tenant, dayOf(nowMs - (dayCount - 1) * MS_PER_DAY));
    const usage = await this.#balances.usage(tenant, dayOf(nowMs - PACE_DAYS * MS_PER_DAY));
    return {
      currency,
      trigger: autoRecharge?.trigger ?? null,
      days,
      pace: paceOf(usage.days, { firstDay: usage.firstDay, available, nowMs }),
    };
  }

  /** What stood when the first day began stood at its end as well where nothing happened on it. */
  async #days(tenant: string, from: string): Promise<readonly HistoryDayView[]> {
    const ofTenant = this.#parts.readStore.db.selectFrom('balance_day').selectAll().where('tenant', '=', tenant);
    const rows = await ofTenant.where('day', '>=', from).orderBy('day').execute();
    if (rows[0]?.day === from) return rows.map(viewOf);
    const before = await ofTenant.where('day', '<', from).orderBy('day', 'desc').limit(1).executeTakeFirst();
    if (before === undefined) return rows.map(viewOf);
    return [{ ...viewOf(before), day: from, lowestAvailable: before.available }, ...rows.map(viewOf)];
  }
}

function viewOf({ day, balance, available, lowest_available: lowestAvailable }: BalanceDayRow): HistoryDayView {
  return { day, balance, available, lowestAvailable };
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
