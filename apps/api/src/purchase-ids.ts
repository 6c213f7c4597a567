// HTTP's names of purchases ⇄ the ledger's. An invoice has its Idempotency-Key in both; a card's recharge is `tenant:key`, an automatic
// one `tenant.revision`. Each names a lot, so that no two may ever be alike.

import type { Account } from '@tollkeeper/ledger';
import { problem } from './problem.js';

/**
 * Recharge ids are the gateway's idempotency keys, so they must be unique among all tenants; and no tenant's name holds a
 * colon, so none is ever that of an automatic recharge.
 */
export function rechargeIdOf(tenant: string, purchaseId: string): string {
  return `${tenant}:${purchaseId}`;
}

/** The ledger's id of a purchase as the API gave it, by either method or none of ours. */
export function ledgerPurchaseId({ tenant, purchases }: Account, purchaseId: string): string {
  const rechargeId = rechargeIdOf(tenant, purchaseId);
  return !purchases.has(purchaseId) && purchases.has(rechargeId) ? rechargeId : purchaseId;
}

const AUTOMATIC = /^\.\d+$/;

/** @throws ProblemError for a key that a recharge has, or may have one day. */
export function refuseRechargeIds(tenant: string, key: string): void {
  if (!key.startsWith(tenant)) return;
  const rest = key.slice(tenant.length);
  if (!rest.startsWith(':') && !AUTOMATIC.test(rest)) return;
  const detail = 'must not be of the form that recharges have; use another one';
  throw problem('parameter-invalid', `The header Idempotency-Key ${detail}.`, {
    errors: [{ parameter: 'Idempotency-Key', detail }],
  });
}
