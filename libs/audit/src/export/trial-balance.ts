// Export, the sums beside it: items as they are written in; what each account comes to out, for the other tool to agree with.

import { microsOf } from '@tollkeeper/money';
import type { ExportItem, LedgerAccount } from './postings.js';

export type BookAccount = LedgerAccount | 'opening-balances';

export type AccountBalance = {
  readonly account: BookAccount;
  /** Of `tenant-credit`, which each tenant has its own of; null for the others. */
  readonly tenant: string | null;
  readonly currency: string;
  /** Above zero on the debit side. */
  readonly micros: bigint;
};

export class TrialBalance {
  readonly #balances = new Map<string, AccountBalance>();

  add(item: ExportItem): void {
    const { tenant, currency } = item;
    if (item.kind === 'posting') {
      const micros = microsOf(item.amount);
      this.#move(item.debit, tenant, currency, micros);
      this.#move(item.credit, tenant, currency, -micros);
    } else {
      const micros = microsOf(item.balance);
      this.#move('opening-balances', tenant, currency, micros);
      this.#move('tenant-credit', tenant, currency, -micros);
    }
  }

  #move(account: BookAccount, ofTenant: string, currency: string, byMicros: bigint): void {
    const tenant = account === 'tenant-credit' ? ofTenant : null;
    const key = `${account} ${currency} ${tenant ?? ''}`;
    const micros = (this.#balances.get(key)?.micros ?? 0n) + byMicros;
    this.#balances.set(key, { account, tenant, currency, micros });
  }

  balances(): readonly AccountBalance[] {
    return [...this.#balances.values()];
  }
}
