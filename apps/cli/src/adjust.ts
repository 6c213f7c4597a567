// `tollkeeper adjust` and `tollkeeper refund`: money that a person moves, once for each id.

import { randomUUID } from 'node:crypto';
import { decimalOf } from '@tollkeeper/money';
import type { Target } from './command-parts.js';
import { CommandError, EXIT } from './exit.js';
import { LedgerAccount } from './ledger-account.js';
import { printJson } from './output.js';
import { ofTenant } from './remote.js';

type Reasoned = {
  readonly tenant: string;
  readonly reason: string;
  readonly by: string;
  /** The same again changes nothing. */
  readonly id?: string;
  readonly json?: boolean;
};

export type AdjustOptions = Reasoned & { readonly credit?: bigint; readonly debit?: bigint };

export async function adjust(options: AdjustOptions, target: Target): Promise<void> {
  const { tenant, credit, debit, reason, by: author, id: adjustmentId = randomUUID() } = options;
  if ((credit === undefined) === (debit === undefined)) throw new CommandError('give either --credit or --debit');
  const direction = credit === undefined ? 'debit' : 'credit';
  const amountMicros = credit ?? debit ?? 0n;
  const moved = await target.run<Moved>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      // A credit's lot and a purchase's are named alike; recharges are named by their tenant.
      const isTaken = await account.query(({ purchases }) => purchases.has(adjustmentId));
      const isOfRecharges = adjustmentId.startsWith(tenant) && /^(:|\.\d+$)/.test(adjustmentId.slice(tenant.length));
      if (isTaken || isOfRecharges) {
        throw new CommandError(`${adjustmentId} is, or may be, the id of a purchase; use another one`, EXIT.found);
      }
      return movedBy(account, { kind: 'adjust-credit', adjustmentId, direction, amountMicros, author, reason });
    },
    remote: (server) =>
      server.ask('POST', ofTenant(tenant, 'adjustments'), {
        key: adjustmentId,
        body: { amount: decimalOf(amountMicros), author, direction, reason },
      }),
  });
  told(moved, adjustmentId, options);
}

export type RefundOptions = Reasoned & { readonly amount: bigint; readonly dispute?: boolean };

/** @param purchase as the API gave it: of a card too, whose recharge the ledger knows by another id. */
export async function refund(purchase: string, options: RefundOptions, target: Target): Promise<void> {
  const { tenant, amount: amountMicros, dispute, reason, by: author, id: refundId = randomUUID() } = options;
  const cause = dispute ? 'dispute' : 'refund';
  const moved = await target.run<Moved>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      const byCard = `${tenant}:${purchase}`;
      const isByCard = await account.query(({ purchases }) => !purchases.has(purchase) && purchases.has(byCard));
      const purchaseId = isByCard ? byCard : purchase;
      return movedBy(account, { kind: 'refund-purchase', refundId, purchaseId, amountMicros, cause, author, reason });
    },
    remote: (server) =>
      server.ask('POST', ofTenant(tenant, 'purchases', purchase, 'refunds'), {
        key: refundId,
        body: { amount: decimalOf(amountMicros), author, cause, reason },
      }),
  });
  told(moved, refundId, options);
}

/** As the API answers it. */
type Moved = { readonly changed: boolean; readonly balance: string; readonly currency: string };

async function movedBy(account: LedgerAccount, command: Parameters<LedgerAccount['execute']>[0]): Promise<Moved> {
  const changed = await account.execute(command);
  return account.query(({ balanceMicros, currency }) => ({ changed, balance: decimalOf(balanceMicros), currency }));
}

function told({ changed, balance, currency }: Moved, id: string, { tenant, json }: Reasoned): void {
  if (json) printJson({ tenant, id, changed, balance, currency });
  else console.log(`${changed ? 'recorded' : 'recorded before'} as ${id}; the balance is ${balance} ${currency}`);
}
