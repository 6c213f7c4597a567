// Debit step's clock: from time to time every account with credit is asked to write down what has expired; the ledger decides.

import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Accounts } from './accounts.js';
import type { ApiParts } from './parts.js';

const PAGE_TENANTS = 500;
/** Accounts asked in one sweep; the next one goes on behind them. */
export const MAX_SWEEP_TENANTS = 20_000;

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
      const tenants = await this.#tenantsWithCredit();
      for (const tenant of tenants) {
        if (this.#stopped) return;
        await this.#expire(tenant);
        this.#after = tenant;
      }
      if (tenants.length < PAGE_TENANTS) {
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
      this.#parts.logger.warn({ error }, 'The sweep for expired credit stopped; the next one goes on from there');
    } finally {
      this.#isRunning = false;
    }
  }

  /** One account that cannot be read must not keep the others' credit from expiring. */
  async #expire(tenant: string): Promise<void> {
    try {
      const { changed, balance } = await this.#accounts.execute(tenant, { kind: 'expire-due' });
      if (changed) this.#parts.logger.info({ tenant, balance }, 'Credit has expired');
    } catch (error) {
      this.#parts.logger.warn({ tenant, error }, 'An account could not be asked for expired credit');
    }
  }

  /** An account that is overdrawn or at zero has no lots that could expire. */
  async #tenantsWithCredit(): Promise<readonly string[]> {
    const rows = await this.#parts.readStore.db
      .selectFrom('balance')
      .select('tenant')
      .where('tenant', '>', this.#after)
      .where('balance', '!=', '0')
      .where('balance', 'not like', '-%')
      .orderBy('tenant')
      .limit(PAGE_TENANTS)
      .execute();
    return rows.map(({ tenant }) => tenant);
  }
}
