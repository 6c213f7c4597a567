// `tollkeeper adjust` and `tollkeeper refund`: money that a person moves, once for each id.

import { randomUUID } from 'node:crypto';
import { decimalOf } from '@tollkeeper/money';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { LedgerAccount } from './ledger-account.js';
import { printJson } from './output.js';

type Reasoned = {
  readonly tenant: string;
  readonly reason: string;
  readonly by: string;
  /** The same again changes nothing. */
  readonly id?: string;
  readonly json?: boolean;
};

export type AdjustOptions = Reasoned & { readonly credit?: bigint; readonly debit?: bigint };

export async function adjust(options: AdjustOptions, engines: Engines): Promise<void> {
  const { tenant, credit, debit, reason, by: author, id: adjustmentId = randomUUID() } = options;
  if ((credit === undefined) === (debit === undefined)) throw new CommandError('give either --credit or --debit');
  const direction = credit === undefined ? 'debit' : 'credit';
  const account = await LedgerAccount.open(tenant, engines);
  // A credit's lot and a purchase's are named alike; recharges are named by their tenant.
  const isTaken = await account.query(({ purchases }) => purchases.has(adjustmentId));
  const isOfRecharges = adjustmentId.startsWith(tenant) && /^(:|\.\d+$)/.test(adjustmentId.slice(tenant.length));
  if (isTaken || isOfRecharges) {
    throw new CommandError(`${adjustmentId} is, or may be, the id of a purchase; use another one`, EXIT.found);
  }
  const amountMicros = credit ?? debit ?? 0n;
  const changed = await account.execute({ kind: 'adjust-credit', adjustmentId, direction, amountMicros, author, reason });
  await told(account, { id: adjustmentId, changed }, options);
}

export type RefundOptions = Reasoned & { readonly amount: bigint; readonly dispute?: boolean };

/** @param purchase as the API gave it: of a card too, whose recharge the ledger knows by another id. */
export async function refund(purchase: string, options: RefundOptions, engines: Engines): Promise<void> {
  const { tenant, amount: amountMicros, dispute, reason, by: author, id: refundId = randomUUID() } = options;
  const account = await LedgerAccount.open(tenant, engines);
  const byCard = `${tenant}:${purchase}`;
  const isByCard = await account.query(({ purchases }) => !purchases.has(purchase) && purchases.has(byCard));
  const purchaseId = isByCard ? byCard : purchase;
  const cause = dispute ? 'dispute' : 'refund';
  const changed = await account.execute({ kind: 'refund-purchase', refundId, purchaseId, amountMicros, cause, author, reason });
  await told(account, { id: refundId, changed }, options);
}

async function told(
  account: LedgerAccount,
  { id, changed }: { readonly id: string; readonly changed: boolean },
  { tenant, json }: Reasoned,
): Promise<void> {
  const { balance, currency } = await account.query((now) => ({ balance: decimalOf(now.balanceMicros), currency: now.currency }));
  if (json) printJson({ tenant, id, changed, balance, currency });
  else console.log(`${changed ? 'recorded' : 'recorded before'} as ${id}; the balance is ${balance} ${currency}`);
}
