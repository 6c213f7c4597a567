// Proof of the recharges: the events of a tenant's stream come in; each automatic recharge must have been due by the policy of its
// moment with none open, and each one that was paid is one purchase of its amount, with a payment that nothing else was bought with.

import { decimalOf } from '@tollkeeper/money';
import { amountIn } from './books.js';
import { Line } from './findings.js';
import type { SeenEvent } from './ledger-pages.js';

type Part = Readonly<Record<string, unknown>>;

type Recharge = {
  readonly amount: bigint;
  readonly currency: string;
  readonly cause: string;
  status: 'open' | 'failed' | 'succeeded';
  attempt: number;
};

/** A recharge that the ledger says was paid. */
export type LedgerPayment = {
  readonly stream: string;
  readonly revision: number;
  readonly rechargeId: string;
  readonly amount: bigint;
  readonly currency: string;
};

type Tenant = {
  trigger: bigint | null;
  isSuspended: boolean;
  readonly recharges: Map<string, Recharge>;
  openCount: number;
  /** Paid by the last event, so that the next one has to be its purchase. */
  paid: { readonly rechargeId: string; readonly revision: number; readonly amount: string; readonly reference: string } | null;
};

export class RechargesCheck {
  readonly line = new Line('recharges', 'Compare the payments of the recharge at the gateway; refund what was taken twice.');
  /** By payment reference. */
  readonly payments = new Map<string, LedgerPayment>();
  readonly #tenants = new Map<string, Tenant>();

  /** For whoever finds a payment at the gateway that the ledger does not have. */
  statusOf(stream: string, rechargeId: string): Recharge['status'] | undefined {
    return this.#tenants.get(stream)?.recharges.get(rechargeId)?.status;
  }

  see(event: SeenEvent): void {
    const { stream, revision, type } = event.stored;
    let tenant = this.#tenants.get(stream);
    if (tenant === undefined) {
      tenant = { trigger: null, isSuspended: false, recharges: new Map(), openCount: 0, paid: null };
      this.#tenants.set(stream, tenant);
    }
    try {
      const faults = [...this.#unpurchased(tenant, stream, type, event), ...this.#faultsOf(tenant, event)];
      if (faults.length > 0) this.line.differs({ stream, revision }, faults.join('; '));
    } catch {
      // What cannot be understood is told by the balances.
    }
  }

  /** At the end: a payment that was the last word of its stream has no purchase. */
  end(): void {
    for (const [stream, tenant] of this.#tenants) this.#unpurchased(tenant, stream, '', undefined);
  }

  /** The purchase stands in the same append, right behind the payment. */
  #unpurchased(tenant: Tenant, stream: string, type: string, event: SeenEvent | undefined): readonly string[] {
    const { paid } = tenant;
    const origin = (event?.data['origin'] ?? {}) as Part;
    const isPurchase = type === 'CreditPurchased.v1' && origin['kind'] === 'recharge';
    tenant.paid = null;
    if (paid === null) return isPurchase ? ['it credits a recharge, and no payment stands before it'] : [];
    if (!isPurchase || origin['rechargeId'] !== paid.rechargeId) {
      this.line.differs({ stream, revision: paid.revision }, `recharge ${paid.rechargeId} was paid and no credit follows`);
      return isPurchase ? ['it credits another recharge than the one that was paid'] : [];
    }
    const { amount, purchaseId } = event?.data ?? {};
    const faults: string[] = [];
    if (amount !== paid.amount) faults.push(`it credits ${String(amount)}, and ${paid.amount} was paid`);
    if (origin['paymentReference'] !== paid.reference)
      faults.push(`it names payment ${String(origin['paymentReference'])}, not ${paid.reference}`);
    if (purchaseId !== paid.rechargeId) faults.push(`its purchase ${String(purchaseId)} is not the recharge ${paid.rechargeId}`);
    return faults;
  }

  #faultsOf(tenant: Tenant, event: SeenEvent): readonly string[] {
    const { type } = event.stored;
    const data = event.data as Part;
    switch (type) {
      case 'AutoRechargeSet.v1': {
        const policy = data['policy'] as Part | null;
        [tenant.trigger, tenant.isSuspended] = [policy && amountIn(policy, 'trigger'), false];
        return [];
      }
      case 'AutoRechargeResumed.v1':
        tenant.isSuspended = false;
        return [];
      case 'RechargeRequested.v1':
        this.line.checked += 1;
        return requested(tenant, data);
      case 'PaymentAttempted.v1':
        return attempted(tenant, data);
      case 'RechargeFailed.v1':
        return failed(tenant, data);
      case 'RechargeSucceeded.v1':
        return this.#succeeded(tenant, event);
      default:
        return [];
    }
  }

  #succeeded(tenant: Tenant, event: SeenEvent): readonly string[] {
    const { stream, revision } = event.stored;
    const data = event.data as Part;
    const [rechargeId, reference] = [String(data['rechargeId']), String(data['paymentReference'])];
    const recharge = tenant.recharges.get(rechargeId);
    const amount = amountIn(data, 'amount');
    const faults: string[] = [];
    if (recharge === undefined) faults.push(`recharge ${rechargeId} was never requested`);
    else {
      if (recharge.status === 'succeeded') faults.push(`recharge ${rechargeId} was paid before`);
      if (recharge.amount !== amount)
        faults.push(`${decimalOf(amount)} was paid for recharge ${rechargeId} of ${decimalOf(recharge.amount)}`);
      if (Number(data['attempt']) > recharge.attempt) faults.push(`its attempt ${String(data['attempt'])} was never made`);
      // A late success behind a failure still counts, once.
      if (recharge.status === 'open') tenant.openCount -= 1;
      recharge.status = 'succeeded';
    }
    const other = this.payments.get(reference);
    if (other !== undefined)
      faults.push(`payment ${reference} paid recharge ${other.rechargeId} before (${other.stream} revision ${other.revision})`);
    else this.payments.set(reference, { stream, revision, rechargeId, amount, currency: recharge?.currency ?? '' });
    tenant.paid = { rechargeId, revision, amount: String(data['amount']), reference };
    return faults;
  }
}

function requested(tenant: Tenant, data: Part): readonly string[] {
  const [rechargeId, cause] = [String(data['rechargeId']), String(data['cause'])];
  const faults: string[] = [];
  if (tenant.recharges.has(rechargeId)) faults.push(`recharge ${rechargeId} was requested before`);
  if (cause === 'auto') {
    const available = amountIn(data, 'available');
    if (tenant.openCount > 0) faults.push('an automatic recharge was asked for while another recharge was open');
    if (tenant.trigger === null) faults.push('an automatic recharge was asked for without a policy');
    else if (available >= tenant.trigger)
      faults.push(
        `an automatic recharge was asked for at ${decimalOf(available)}, which is not below the trigger ${decimalOf(tenant.trigger)}`,
      );
    if (tenant.isSuspended) faults.push('an automatic recharge was asked for while they were suspended');
  }
  const recharge = { amount: amountIn(data, 'amount'), currency: String(data['currency']), cause };
  tenant.recharges.set(rechargeId, { ...recharge, status: 'open', attempt: 0 });
  tenant.openCount += 1;
  return faults;
}

function attempted(tenant: Tenant, data: Part): readonly string[] {
  const recharge = tenant.recharges.get(String(data['rechargeId']));
  if (recharge === undefined) return [`recharge ${String(data['rechargeId'])} was never requested`];
  recharge.attempt += 1;
  const faults =
    data['attempt'] === recharge.attempt ? [] : [`its attempt ${String(data['attempt'])} should be ${recharge.attempt}`];
  return recharge.status === 'open' ? faults : [...faults, `a payment was attempted for a recharge that had ${recharge.status}`];
}

function failed(tenant: Tenant, data: Part): readonly string[] {
  const recharge = tenant.recharges.get(String(data['rechargeId']));
  if (recharge === undefined) return [`recharge ${String(data['rechargeId'])} was never requested`];
  if (recharge.status !== 'open') return [`recharge ${String(data['rechargeId'])} had ${recharge.status} before`];
  recharge.status = 'failed';
  tenant.openCount -= 1;
  if (recharge.cause === 'auto' && data['autoRechargeSuspended'] === true) tenant.isSuspended = true;
  return [];
}
