// Debit step's clock: from time to time every account that may have something due is asked to write it down; the ledger decides.
//
// What is due is written down before anything else that happens to an account, so this is for those to whom nothing happens: lots
// that expire or are to be warned of, holds that run out, months that end, and recharges that a back-off or a cap has held up.

import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { microsOf } from '@tollkeeper/money';
import type { BalanceRow } from '@tollkeeper/projections';
import type { Accounts } from './accounts.js';
import type { ApiParts } from './parts.js';

const PAGE_TENANTS = 500;
/** Of one account in one sweep: the ledger writes down some hundred events at a time. */
const MAX_ROUNDS = 50;
/** Accounts asked in one sweep; the next one goes on behind them. */
const MAX_SWEEP_TENANTS = 20_000;

type SweepParts = Pick<ApiParts, 'readStore' | 'logger' | 'options'>;

export class ExpirySweep implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #parts: SweepParts;
  readonly #accounts: Accounts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #stopped = false;
  /** The tenant the last sweep ended with; empty when it came to the end. */
  #after = '';

  constructor(parts: SweepParts, accounts: Accounts) {
    this.#parts = parts;
    this.#accounts = accounts;
  }

  onApplicationBootstrap(): void {
    const { expirySweepMs } = this.#parts.options;
    if (expirySweepMs === 0) return;
    this.#timer = setInterval(() => {
      if (!this.#isRunning) this.#running = this.#guarded();
    }, expirySweepMs);
    this.#timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Two processes that sweep at once are harmless: what has expired is written down once. */
  async sweep(): Promise<void> {
    for (let asked = 0; asked < MAX_SWEEP_TENANTS; asked += PAGE_TENANTS) {
      const candidates = await this.#candidates();
      for (const candidate of candidates) {
        if (this.#stopped) return;
        if (mayHaveSomethingDue(candidate, this.#now())) await this.#expire(candidate.tenant);
        this.#after = candidate.tenant;
      }
      if (candidates.length < PAGE_TENANTS) {
        this.#after = '';
        return;
      }
    }
  }

  async #guarded(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.sweep();
    } catch (error) {
      this.#parts.logger.warn({ error }, 'The sweep for what is due stopped; the next one goes on from there');
    } finally {
      this.#isRunning = false;
    }
  }

  #now(): string {
    return new Date(this.#parts.options.nowMs()).toISOString();
  }

  /** One account that cannot be read must not keep the others from what is due. */
  async #expire(tenant: string): Promise<void> {
    try {
      for (let round = 0; round < MAX_ROUNDS && !this.#stopped; round += 1) {
        const { changed, balance } = await this.#accounts.execute(tenant, { kind: 'expire-due' });
        if (!changed) return;
        this.#parts.logger.info({ tenant, balance }, 'What was due is written down');
      }
    } catch (error) {
      this.#parts.logger.warn({ tenant, error }, 'An account could not be asked for what is due');
    }
  }

  async #candidates(): Promise<readonly Candidate[]> {
    return this.#parts.readStore.db
      .selectFrom('balance')
      .select(['tenant', 'balance', 'available', 'next_due', 'recharge_trigger', 'recharge_suspended'])
      .where('tenant', '>', this.#after)
      .where((row) =>
        row.or([
          row('next_due', '<=', this.#now()),
          row('balance', '!=', row.ref('available')),
          row.and([row('recharge_trigger', 'is not', null), row('recharge_suspended', '=', 0)]),
        ]),
      )
      .orderBy('tenant')
      .limit(PAGE_TENANTS)
      .execute();
  }
}

type Candidate = Pick<BalanceRow, 'tenant' | 'balance' | 'available' | 'next_due' | 'recharge_trigger' | 'recharge_suspended'>;

/** Amounts are text, which a database would compare letter by letter. */
function mayHaveSomethingDue(candidate: Candidate, now: string): boolean {
  const { balance, available, next_due: nextDue, recharge_trigger: trigger, recharge_suspended: suspended } = candidate;
  if (balance !== available || (nextDue !== null && nextDue <= now)) return true;
  return trigger !== null && suspended === 0 && microsOf(available) < microsOf(trigger);
}
