// Each command of the ledger told a second time, for tests only: money and settings here, calls in calls.reference.ts. In come the
// commands, out go the codes, or the events told by the account of account.reference.ts.

import type { Of } from './account.reference.js';
import { latest, NOT_SOLD } from './call.reference.js';
import { CallsReference } from './calls.reference.js';
import type { LedgerCommand } from './commands.js';

type Outcome = string | undefined;
const HOURS = 3_600_000;
const isSame = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b);
const textOf = (value: unknown): string => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));

export class Reference extends CallsReference {
  protected decide(c: LedgerCommand): Outcome {
    const { s } = this;
    switch (c.kind) {
      case 'open-account':
        return this.tell('AccountOpened');
      case 'debit-call':
      case 'record-call-not-billable':
        return this.record(c);
      case 'rerate-call':
        return this.rerate(c);
      case 'authorise':
        return this.authorise(c);
      case 'extend-reservation':
        return this.extend(c);
      case 'terminate-reservation':
        return this.terminate(c);
      case 'purchase-credit': {
        const [known, amount] = [s.purchases.get(c.purchaseId), Number(c.amountMicros)];
        if (known && known.micros === amount && known.reference === c.origin.reference) return undefined;
        if (known || s.recharges.has(c.purchaseId) || s.moves.get(c.purchaseId)?.startsWith('credit '))
          return 'purchase-exists-with-different-content';
        return this.faultOf(amount) ?? this.purchased(c.purchaseId, amount, c.origin.reference);
      }
      case 'request-recharge': {
        const [known, amount] = [s.recharges.get(c.rechargeId), Number(c.amountMicros)];
        if (known?.micros === amount) return undefined;
        if (known || s.purchases.has(c.rechargeId) || s.moves.get(c.rechargeId)?.startsWith('credit '))
          return 'purchase-exists-with-different-content';
        return this.faultOf(amount) ?? this.request(c.rechargeId, amount, false);
      }
      case 'adjust-credit': {
        const [id, amount, isCredit] = [c.adjustmentId, Number(c.amountMicros), c.direction === 'credit'];
        const known = s.moves.get(id) ?? (isCredit && (s.purchases.has(id) || s.recharges.has(id)) ? 'lot' : undefined);
        if (known !== undefined)
          return known === `${c.direction} ${amount}` ? undefined : 'adjustment-exists-with-different-content';
        s.moves.set(id, `${c.direction} ${amount}`);
        if (isCredit) this.credited(id, amount);
        else this.draw(amount, [this.isOpen]);
        return this.tell('CreditAdjusted', amount, c.direction);
      }
      case 'refund-purchase': {
        const [bought, amount] = [s.purchases.get(c.purchaseId), Number(c.amountMicros)];
        const content = `${c.cause} ${c.purchaseId} ${amount}`;
        const known = s.moves.get(c.refundId);
        if (known !== undefined) return known === content ? undefined : 'adjustment-exists-with-different-content';
        if (bought === undefined) return 'purchase-unknown';
        if (amount % 10_000 !== 0) return 'amount-invalid';
        if (bought.refunded + amount > bought.micros) return 'refund-exceeds-purchase';
        bought.refunded += amount;
        s.moves.set(c.refundId, content);
        this.draw(amount, [({ id }) => id === c.purchaseId, this.isOpen]);
        return this.tell('PurchaseRefunded', amount);
      }
      case 'attempt-payment': {
        const known = s.recharges.get(c.rechargeId);
        if (known === undefined) return 'recharge-unknown';
        if (known.status !== 'open') return 'recharge-closed';
        if (known.step === 'pending') return undefined;
        if (this.now < known.retry) return 'payment-retry-not-due';
        Object.assign(known, { attempt: known.attempt + 1, step: 'pending' });
        return this.tell('PaymentAttempted', known.micros, known.attempt);
      }
      case 'record-payment':
        return this.paymentEnds(c);
      default:
        return this.set(c);
    }
  }

  private set(c: LedgerCommand): Outcome {
    const { s, now } = this;
    if (c.kind === 'set-auto-recharge') {
      if (c.policy !== null && c.policy.amountMicros % 10_000n !== 0n) return 'amount-invalid';
      if (c.policy !== null && NOT_SOLD.includes(s.terms.country ?? '')) return 'credits-not-sold';
      if (isSame(c.policy, s.policy) && !s.isSuspended) return undefined;
      Object.assign(s, { policy: c.policy, isSuspended: false, failures: 0, from: 0 });
      return this.tell('AutoRechargeSet');
    }
    if (c.kind === 'resume-auto-recharge') {
      if (!s.isSuspended && s.from <= now) return undefined;
      Object.assign(s, { isSuspended: false, failures: 0, from: 0 });
      return this.tell('AutoRechargeResumed');
    }
    if (c.kind === 'set-terms') {
      const terms = { ...s.terms, ...c.terms };
      if (isSame(terms, s.terms)) return undefined;
      s.terms = terms;
      return this.tell('TermsSet');
    }
    const { licences, policies } = s.people;
    if (c.kind === 'assign-licences') {
      const dated = { user: c.user, from: c.fromMs, country: c.country, held: [...c.licences].toSorted() };
      const before = latest(licences, c.user, c.fromMs);
      if (before && isSame({ ...before, from: c.fromMs }, dated)) return undefined;
      s.people = { policies, licences: [...licences.filter((one) => one.user !== c.user || one.from !== c.fromMs), dated] };
      return this.tell('LicencesAssigned');
    }
    if (c.kind === 'set-dial-out-policy') {
      const dated = { user: c.user ?? '', from: c.fromMs, policy: c.policy };
      if (latest(policies, dated.user, c.fromMs)?.policy === c.policy) return undefined;
      s.people = { licences, policies: [...policies.filter((one) => one.user !== dated.user || one.from !== c.fromMs), dated] };
      return this.tell('DialOutPolicySet');
    }
    return undefined;
  }

  private paymentEnds({ rechargeId, attempt, outcome }: Of<'record-payment'>): Outcome {
    const { s, now } = this;
    const known = s.recharges.get(rechargeId);
    if (known === undefined) return 'recharge-unknown';
    if (attempt < 1 || attempt > known.attempt) return 'payment-attempt-unknown';
    const reference = outcome.paid ? outcome.paymentReference : '';
    if (known.status === 'succeeded') return s.purchases.get(rechargeId)?.reference === reference ? undefined : 'recharge-closed';
    if (outcome.paid) {
      Object.assign(known, { status: 'succeeded' });
      if (known.isAuto) Object.assign(s, { failures: 0, from: 0 });
      this.tell('RechargeSucceeded', known.micros);
      return this.purchased(rechargeId, known.micros, reference);
    }
    if (known.status === 'failed' || attempt < known.attempt || known.step === 'declined') return undefined;
    known.step = 'declined';
    const soft = known.isAuto ? [1, 6, 24][attempt - 1] : undefined;
    const hours = { soft, hard: undefined, authentication: attempt < 4 ? 24 : undefined }[outcome.class];
    if (hours !== undefined) {
      known.retry = now + hours * HOURS;
      return this.tell('PaymentDeclined', known.retry);
    }
    known.status = 'failed';
    const isLast = known.isAuto && (outcome.class === 'hard' || s.failures >= 2);
    if (known.isAuto)
      Object.assign(s, { failures: s.failures + 1, from: now + 24 * HOURS, isSuspended: s.isSuspended || isLast });
    return this.tell('RechargeFailed', isLast);
  }

  private faultOf(amount: number): Outcome {
    if (amount <= 0 || amount % 10_000 !== 0) return 'amount-invalid';
    return NOT_SOLD.includes(this.s.terms.country ?? '') ? 'credits-not-sold' : undefined;
  }

  private purchased(id: string, amount: number, reference: string): undefined {
    this.s.purchases.set(id, { micros: amount, reference, refunded: 0 });
    this.credited(id, amount);
    this.tell('CreditPurchased', amount);
  }
}
