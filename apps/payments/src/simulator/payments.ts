// Gateway simulator's books: a payment request under its key comes in; what was taken for it, once, goes out.

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

type Entry =
  | { readonly kind: 'payment'; readonly key: string; readonly body: PaymentBody; readonly plan: Plan }
  | { readonly kind: 'settled'; readonly key: string }
  | { readonly kind: 'turned-away'; readonly tenant: string }
  | { readonly kind: 'behaviours'; readonly tenant: string; readonly behaviours: readonly Behaviour[] };

type Stored = { readonly body: PaymentBody; readonly plan: Plan; readonly reference: string; settled: boolean };
type Rule = { readonly behaviours: readonly Behaviour[]; taken: number };

/** How a POST ends, after everything it changed is on the disk. */
export type Taken =
  | { readonly kind: 'answer' | 'hang' | 'break'; readonly payment: SimulatedPayment }
  | { readonly kind: 'other-content' }
  | { readonly kind: 'turned-away'; readonly behaviour: Behaviour };

export class SimulatedPayments {
  readonly #payments = new Map<string, Stored>();
  readonly #rules = new Map<string, Rule>();
  readonly #journal: Journal<Entry>;
  readonly #fallback: readonly Behaviour[];

  private constructor(journal: Journal<Entry>, fallback: readonly Behaviour[]) {
    this.#journal = journal;
    this.#fallback = fallback;
    for (const entry of journal.entries) this.#apply(entry);
  }

  static async open(file: string | undefined, fallback: readonly Behaviour[]): Promise<SimulatedPayments> {
    return new SimulatedPayments(await openJournal<Entry>(file), fallback);
  }

  /** The same key and content give the same payment; the behaviour counts for the request that makes it. */
  async take(key: string, body: PaymentBody): Promise<Taken> {
    const known = this.#payments.get(key);
    if (known !== undefined && !sameContent(known.body, body)) return { kind: 'other-content' };
    if (known !== undefined) return { kind: 'answer', payment: await this.#settle(key, known) };
    const behaviour = this.#nextBehaviour(body.tenant);
    const plan = planOf(behaviour);
    if (plan === undefined) {
      await this.#keep({ kind: 'turned-away', tenant: body.tenant });
      return { kind: 'turned-away', behaviour };
    }
    const kept = this.#keep({ kind: 'payment', key, body, plan });
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

  async setBehaviours(tenant: string, behaviours: readonly Behaviour[]): Promise<void> {
    await this.#keep({ kind: 'behaviours', tenant, behaviours });
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  async #settle(key: string, payment: Stored): Promise<SimulatedPayment> {
    await (payment.settled ? this.#journal.settled() : this.#keep({ kind: 'settled', key }));
    return this.#shown(key);
  }

  /** Counts at once, so that two requests of one moment see each other; the promise is for the disk. */
  #keep(entry: Entry): Promise<void> {
    this.#apply(entry);
    return this.#journal.append(entry);
  }

  #apply(entry: Entry): void {
    switch (entry.kind) {
      case 'payment': {
        const { key, body, plan } = entry;
        // Numbered by payment and not made of the key, so that a second one for a key could be told from the first.
        const reference = `pay-${String(this.#payments.size + 1).padStart(6, '0')}`;
        this.#payments.set(key, { body, plan, reference, settled: plan.first !== 'processing' });
        return this.#count(body.tenant);
      }
      case 'settled': {
        const payment = this.#payments.get(entry.key);
        if (payment !== undefined) payment.settled = true;
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
    const { body, plan, reference, settled } = payment;
    if (!settled) return { key, ...body, status: 'processing' };
    if (plan.settled === 'paid') return { key, ...body, status: 'paid', paymentReference: reference };
    return { key, ...body, status: 'declined', code: plan.settled };
  }
}

function sameContent(a: PaymentBody, b: PaymentBody): boolean {
  const { tenant, rechargeId, attempt, amount, currency } = b;
  return (
    a.tenant === tenant && a.rechargeId === rechargeId && a.attempt === attempt && a.amount === amount && a.currency === currency
  );
}
