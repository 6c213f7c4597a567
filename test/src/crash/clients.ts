// Crash test's customers: a load comes in; its accounts are opened and its credit is bought over HTTP, each request again and
// again under the same key until it is answered, because the API may die at any time.

import { setTimeout as delay } from 'node:timers/promises';
import type { Load, PlannedTenant, Purchase } from './load.js';

const TENANTS_AT_ONCE = 12;
const RETRY_AFTER_MS = 200;
const ANSWER_WITHIN_MS = 20_000;

export class Clients {
  constructor(
    private readonly apiUrl: string,
    private readonly simulatorUrl: string,
    private readonly signal: AbortSignal,
  ) {}

  async openAll({ tenants }: Load): Promise<void> {
    const waiting = tenants.values();
    const lane = async (): Promise<void> => {
      for (const tenant of waiting) await this.#open(tenant);
    };
    await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, lane));
  }

  /** Spread over the time; one in three is sent a second time, as a client does that lost the answer. */
  async buyAll(purchases: readonly Purchase[], durationMs: number): Promise<void> {
    const waits = durationMs / Math.max(1, purchases.length);
    for (const [at, purchase] of purchases.entries()) {
      await this.#buy(purchase);
      if (at % 3 === 0) await this.#buy(purchase);
      await delay(waits, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  async #open({ tenant, currency, firstPurchase, autoRecharge, alertThreshold, behaviours }: PlannedTenant): Promise<void> {
    if (behaviours.join() !== 'success') await this.#ask(this.simulatorUrl, 'PUT', `/v1/behaviours/${tenant}`, { behaviours });
    await this.#ask(this.apiUrl, 'PUT', `/v1/tenants/${tenant}`, { currency });
    if (firstPurchase !== null) await this.#buy({ tenant, purchaseId: 'first', amount: firstPurchase });
    if (alertThreshold !== null)
      await this.#ask(this.apiUrl, 'PUT', `/v1/tenants/${tenant}/alert-threshold`, { threshold: alertThreshold }, 'alert');
    if (autoRecharge !== null) await this.#ask(this.apiUrl, 'PUT', `/v1/tenants/${tenant}/auto-recharge`, autoRecharge, 'auto');
  }

  #buy({ tenant, purchaseId, amount }: Purchase): Promise<void> {
    const body = { amount, method: 'invoice', reference: `R-${purchaseId}` };
    return this.#ask(this.apiUrl, 'POST', `/v1/tenants/${tenant}/purchases`, body, purchaseId);
  }

  async #ask(url: string, method: string, path: string, body: object, key?: string): Promise<void> {
    const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
    for (;;) {
      this.signal.throwIfAborted();
      try {
        const signal = AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
        const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body), signal });
        if (answer.ok) return;
        const text = await answer.text();
        if (answer.status < 500 && answer.status !== 429)
          throw new Refused(`${method} ${path} was answered ${answer.status}: ${text}`);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      await delay(RETRY_AFTER_MS);
    }
  }
}

/** An answer that no repetition changes: the test itself is wrong, or the product is. */
class Refused extends Error {}
