// Simulation's payment gateway: keys come in; money is taken once for each, and answers get lost.

import { GatewayError, type PaymentGateway, type PaymentOutcome, type PaymentRequest } from '@tollkeeper/payment-gateway';
import type { SeenPayment } from '../crash/observed.js';
import type { Random } from '../crash/random.js';
import type { SimulatedProcess } from './scheduler.js';

type Taken = { readonly request: PaymentRequest; readonly outcome: PaymentOutcome; readonly reference: string };

const OUTCOMES: readonly ('paid' | 'hard' | 'soft')[] = ['paid', 'paid', 'paid', 'paid', 'hard', 'soft'];

export class SimulatedGateway {
  readonly #taken = new Map<string, Taken>();

  constructor(private readonly random: Random) {}

  payments(): readonly SeenPayment[] {
    return [...this.#taken].map(([key, { request, outcome, reference }]) => {
      const { tenant, rechargeId, attempt, amount, currency } = request;
      return { key, tenant, rechargeId, attempt, amount, currency, status: outcome.kind, paymentReference: reference };
    });
  }

  /** The gateway as one process reaches it. An error that may not be retried at once, so that no real time passes. */
  of(process: SimulatedProcess): PaymentGateway {
    const lost = (): GatewayError => new GatewayError('bad-answer', 'The answer was lost.');
    return {
      charge: async (request) => {
        const fate = await process.call('lost-before', 'lost-after');
        if (fate === 'lost-before') throw lost();
        const outcome = this.#take(request);
        if (fate === 'lost-after') throw lost();
        await process.call();
        return outcome;
      },
      lookUp: async ({ idempotencyKey }) => {
        if ((await process.call('lost-before')) !== 'done') throw lost();
        return this.#taken.get(idempotencyKey)?.outcome ?? 'unknown-key';
      },
    };
  }

  #take(request: PaymentRequest): PaymentOutcome {
    const { idempotencyKey: key } = request;
    const known = this.#taken.get(key);
    if (known !== undefined) return known.outcome;
    const reference = `pay-${this.#taken.size + 1}`;
    const kind = this.random.pick(OUTCOMES);
    const outcome: PaymentOutcome =
      kind === 'paid'
        ? { kind, paymentReference: reference }
        : { kind: 'declined', code: kind === 'hard' ? 'expired-card' : 'card-declined', class: kind };
    this.#taken.set(key, { request, outcome, reference });
    return outcome;
  }
}
