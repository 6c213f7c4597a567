// Gateway simulator's books: a payment request under its key comes in; what was taken for it, once, goes out.

import type { DeclineCode } from '@tollkeeper/payment-gateway';
import { planOf, type Behaviour, type Plan } from './behaviours.js';
import { openJournal, type Journal } from './journal.js';

export type PaymentBody = {
  readonly tenant: string;
  readonly rechargeId: string;
  readonly attempt: number;
  readonly amount: string;
  readonly currency: string;
};

/** A payment as the lists show it; the reference stands where money was taken, the code where it was refused. */
export type SimulatedPayment = PaymentBody & {
  readonly key: string;
  readonly status: 'paid' | 'declined' | 'processing';
  readonly paymentReference?: string;
  readonly code?: string;
};

/** Whom a payment over Stripe's API is taken from. */
export type StripeSide = { readonly customer: string; readonly paymentMethod: string };

/** A payment over Stripe's API as it stands; `result` is what it comes to unless somebody ends it otherwise. */
export type StripePayment = StripeSide & {
  readonly key: string;
  readonly reference: string;
  readonly body: PaymentBody;
  readonly state: State;
  readonly result: 'paid' | DeclineCode;
  readonly at: string | undefined;
};
/** A decline for want of authentication may be mended by a person; one that took no money may be cancelled. */
type State = 'processing' | 'settled' | 'authenticated' | 'cancelled';

type Entry =
  | {
      readonly kind: 'payment';
      readonly key: string;
      readonly body: PaymentBody;
      readonly plan: Plan;
      readonly stripe?: StripeSide;
      /** When it was made; absent in journals written before there was a list with times. */
      readonly at?: string;
    }
  | { readonly kind: Exclude<State, 'processing'>; readonly key: string }
  | { readonly kind: 'turned-away'; readonly tenant: string }
  | { readonly kind: 'behaviours'; readonly tenant: string; readonly behaviours: readonly Behaviour[] };

type Stored = {
  readonly body: PaymentBody;
  readonly plan: Plan;
  readonly reference: string;
  readonly stripe: StripeSide | undefined;
  readonly at: string | undefined;
  state: State;
};
type Rule = { readonly behaviours: readonly Behaviour[]; taken: number };

/** How a POST ends, after everything it changed is on the disk. */
export type Taken =
  | { readonly kind: 'answer' | 'hang' | 'break'; readonly payment: SimulatedPayment }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'other-content' }
  | { readonly kind: 'turned-away'; readonly behaviour: Behaviour };

/** Told of a payment over Stripe's API each time that it has come to an end, for webhooks. */
export type OnFinal = (payment: StripePayment) => void;

export class SimulatedPayments {
  readonly #payments = new Map<string, Stored>();
  readonly #rules = new Map<string, Rule>();
  readonly #journal: Journal<Entry>;
  readonly #fallback: readonly Behaviour[];

  private constructor(
    journal: Journal<Entry>,
    fallback: readonly Behaviour[],
    private readonly onFinal: OnFinal,
  ) {
    this.#journal = journal;
    this.#fallback = fallback;
    for (const entry of journal.entries) this.#apply(entry);
  }

  static async open(
    file: string | undefined,
    fallback: readonly Behaviour[],
    onFinal: OnFinal = () => undefined,
  ): Promise<SimulatedPayments> {
    return new SimulatedPayments(await openJournal<Entry>(file), fallback, onFinal);
  }

  /** The same key and content give the same payment; the behaviour counts for the request that makes it. */
  async take(key: string, body: PaymentBody, stripe?: StripeSide): Promise<Taken> {
    const known = this.#payments.get(key);
    if (known !== undefined && !(sameContent(known.body, body) && sameSide(known.stripe, stripe)))
      return { kind: 'other-content' };
    if (known !== undefined) return { kind: 'repeated' };
    const behaviour = this.#nextBehaviour(body.tenant);
    const plan = planOf(behaviour);
    if (plan === undefined) {
      await this.#keep({ kind: 'turned-away', tenant: body.tenant });
      return { kind: 'turned-away', behaviour };
    }
    const kept = this.#keep({ kind: 'payment', key, body, plan, ...(stripe && { stripe }), at: new Date().toISOString() });
    const payment = this.#shown(key);
    await kept;
    return { kind: plan.first === 'processing' ? 'answer' : plan.first, payment };
  }

  /** Asking after a payment that is still processing settles it: the answer of this request is the final one. */
  async find(key: string): Promise<SimulatedPayment | undefined> {
    const known = this.#payments.get(key);
    return known && this.#settle(key, known);
  }

  /** In the order in which they were made; asking settles nothing. */
  all(): readonly SimulatedPayment[] {
    return [...this.#payments.keys()].map((key) => this.#shown(key));
  }

  /** From the `from`-th on, with when each was made, and where the next page begins; null at the end. */
  page(from: number, limit: number): { readonly payments: readonly object[]; readonly next: string | null } {
    const keys = [...this.#payments.keys()].slice(from, from + limit);
    const payments = keys.map((key) => ({ ...this.#shown(key), createdAt: this.#payments.get(key)?.at }));
    return { payments, next: from + limit < this.#payments.size ? String(from + limit) : null };
  }

  /** As they stand, oldest first; asking settles nothing. */
  ofStripe(): readonly StripePayment[] {
    return [...this.#payments.keys()].flatMap((key) => this.#ofStripe(key) ?? []);
  }

  /** How it stood when the request that made it was answered. */
  firstState(key: string): 'processing' | 'settled' {
    return this.#payments.get(key)?.plan.first === 'processing' ? 'processing' : 'settled';
  }

  /** A person pays what was declined for want of authentication. False when there is nothing to authenticate. */
  async authenticate(key: string): Promise<boolean> {
    const payment = this.#payments.get(key);
    if (payment?.plan.settled !== 'authentication-required' || payment.state !== 'settled') return false;
    await this.#keep({ kind: 'authenticated', key });
    return true;
  }

  /** Nobody can pay it any more. False when it was paid, or has no end yet. */
  async cancel(key: string): Promise<boolean> {
    const payment = this.#payments.get(key);
    if (payment === undefined || payment.plan.settled === 'paid' || payment.state !== 'settled') return false;
    await this.#keep({ kind: 'cancelled', key });
    return true;
  }

  async setBehaviours(tenant: string, behaviours: readonly Behaviour[]): Promise<void> {
    await this.#keep({ kind: 'behaviours', tenant, behaviours });
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  async #settle(key: string, payment: Stored): Promise<SimulatedPayment> {
    await (payment.state === 'processing' ? this.#keep({ kind: 'settled', key }) : this.#journal.settled());
    return this.#shown(key);
  }

  /** Counts at once, so that two requests of one moment see each other; the promise is for the disk. */
  async #keep(entry: Entry): Promise<void> {
    this.#apply(entry);
    await this.#journal.append(entry);
    const ended = 'key' in entry ? this.#ofStripe(entry.key) : undefined;
    if (ended !== undefined && ended.state !== 'processing') this.onFinal(ended);
  }

  #apply(entry: Entry): void {
    switch (entry.kind) {
      case 'payment': {
        const { key, body, plan, stripe, at } = entry;
        // Numbered by payment and not made of the key, so that a second one for a key could be told from the first.
        const number = String(this.#payments.size + 1).padStart(6, '0');
        const reference = stripe === undefined ? `pay-${number}` : `pi_${number}`;
        const state = plan.first === 'processing' ? 'processing' : 'settled';
        this.#payments.set(key, { body, plan, reference, stripe, at, state });
        return this.#count(body.tenant);
      }
      case 'settled':
      case 'authenticated':
      case 'cancelled': {
        const payment = this.#payments.get(entry.key);
        if (payment !== undefined) payment.state = entry.kind;
        return;
      }
      case 'turned-away':
        return this.#count(entry.tenant);
      case 'behaviours':
        this.#rules.set(entry.tenant, { behaviours: entry.behaviours, taken: 0 });
    }
  }

  #ruleOf(tenant: string): Rule {
    const rule = this.#rules.get(tenant) ?? { behaviours: this.#fallback, taken: 0 };
    this.#rules.set(tenant, rule);
    return rule;
  }

  #count(tenant: string): void {
    this.#ruleOf(tenant).taken += 1;
  }

  /** One after the other, and the last one from then on. */
  #nextBehaviour(tenant: string): Behaviour {
    const { behaviours, taken } = this.#ruleOf(tenant);
    return behaviours[Math.min(taken, behaviours.length - 1)] ?? 'success';
  }

  #shown(key: string): SimulatedPayment {
    const payment = this.#payments.get(key);
    if (payment === undefined) throw new Error(`payment ${key} is not in the simulator's books`);
    const { body, plan, reference, state } = payment;
    if (state === 'processing') return { key, ...body, status: 'processing' };
    if (state === 'authenticated' || plan.settled === 'paid')
      return { key, ...body, status: 'paid', paymentReference: reference };
    return { key, ...body, status: 'declined', code: plan.settled };
  }

  #ofStripe(key: string): StripePayment | undefined {
    const payment = this.#payments.get(key);
    if (payment?.stripe === undefined) return undefined;
    const { body, plan, reference, state, stripe, at } = payment;
    return { ...stripe, key, reference, body, state, result: plan.settled, at };
  }
}

function sameSide(a: StripeSide | undefined, b: StripeSide | undefined): boolean {
  return a?.customer === b?.customer && a?.paymentMethod === b?.paymentMethod;
}

function sameContent(a: PaymentBody, b: PaymentBody): boolean {
  const { tenant, rechargeId, attempt, amount, currency } = b;
  return (
    a.tenant === tenant && a.rechargeId === rechargeId && a.attempt === attempt && a.amount === amount && a.currency === currency
  );
}
