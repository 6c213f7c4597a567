// Payment step's heart: one recharge comes in; an attempt on its stream, the gateway's answer, the outcome on the stream.
//
// The attempt's number is the gateway's idempotency key, and it rises only after a decline that stands on the stream. So,
// whoever works on a recharge, how often and wherever it dies: the gateway sees the same key until the outcome is recorded,
// and takes money at most once for it. A message, the sweep and other processes may all come here at the same time.

import type { LedgerRejectionCode } from '@tollkeeper/ledger';
import { failpoint, retry } from '@tollkeeper/program';
import {
  GatewayError,
  NEVER_REACHED_GATEWAY,
  type GatewayErrorCode,
  type PaymentGateway,
  type PaymentOutcome,
} from './gateway.js';
import type { OpenAttempt, RechargeKey, Recharges } from './recharges.js';

/** Gateways forget idempotency keys after 24 hours; an older attempt sent again could take money a second time. */
export const MAX_SEND_AGE_MS = 23 * 3_600_000;
/** How often one piece of work asks the gateway before it leaves the recharge to the sweep. */
const TRIES = { attempts: 3, minMs: 250, maxMs: 2_000, jitter: 0.5 };

/** How far one piece of work brought a recharge. Open ones are the sweep's from then on. */
export type Progress =
  | 'paid'
  | 'declined' // recorded; the ledger says whether and when another attempt may follow
  | 'processing' // the gateway has taken it up and has no outcome yet
  | 'outcome-unknown' // the gateway did not answer, or nothing that makes sense
  | 'settled-elsewhere' // somebody else recorded the outcome of the attempt meanwhile
  | 'second-payment' // money was taken that no recharge stands for: a person has to refund it
  | Extract<LedgerRejectionCode, 'recharge-closed' | 'payment-retry-not-due' | 'recharge-unknown' | 'account-not-open'>;

/** Told of what happens, for metrics and logs. */
export type PaymentWatch = {
  onAttempt(attempt: OpenAttempt): void;
  onOutcome(attempt: OpenAttempt, outcome: Exclude<PaymentOutcome, { kind: 'processing' }>): void;
  onAnswer(operation: 'charge' | 'look-up', result: GatewayAnswer, durationMs: number): void;
  onUnknownOutcome(attempt: OpenAttempt, error: GatewayError): void;
  onSecondPayment(attempt: OpenAttempt, paymentReference: string, reason: string): void;
};
export type GatewayAnswer = PaymentOutcome['kind'] | 'unknown-key' | GatewayErrorCode;

export type PaymentProcessParts = {
  readonly recharges: Recharges;
  readonly gateway: PaymentGateway;
  readonly watch: PaymentWatch;
  readonly nowMs: () => number;
  /** Gives up asking the gateway; what was sent is asked for again under the same key. */
  readonly signal: AbortSignal;
};

export class PaymentProcess {
  readonly #inHand = new Map<string, Promise<Progress>>();

  constructor(private readonly parts: PaymentProcessParts) {}

  /** Never two at once for the same recharge in this process: who comes second gets the first one's result. */
  work(key: RechargeKey): Promise<Progress> {
    const name = JSON.stringify([key.tenant, key.rechargeId]);
    const inHand = this.#inHand.get(name);
    if (inHand !== undefined) return inHand;
    const working = this.#work(key).finally(() => this.#inHand.delete(name));
    this.#inHand.set(name, working);
    return working;
  }

  async #work(key: RechargeKey): Promise<Progress> {
    const { recharges, watch } = this.parts;
    const attempt = await recharges.attempt(key);
    if (attempt === undefined) return 'settled-elsewhere';
    if ('code' in attempt) return progressOf(attempt.code);
    if (attempt.isNew) watch.onAttempt(attempt);
    failpoint('payments.after-attempt-append');
    const outcome = await this.#outcomeOf(attempt);
    failpoint('payments.after-gateway');
    if (outcome === undefined) return 'outcome-unknown';
    if (outcome.kind === 'processing') return 'processing';
    const progress = await this.#record(attempt, outcome);
    failpoint('payments.after-outcome-append');
    return progress;
  }

  /** Undefined when it stays unknown. */
  async #outcomeOf(attempt: OpenAttempt): Promise<PaymentOutcome | undefined> {
    const { signal, watch } = this.parts;
    try {
      return await retry(() => this.#ask(attempt), { ...TRIES, signal });
    } catch (error) {
      if (!(error instanceof GatewayError) || signal.aborted) throw error;
      watch.onUnknownOutcome(attempt, error);
      return undefined;
    }
  }

  /**
   * An attempt that stood there before is looked up first: a gateway that replays its first answer to a repeated key would
   * say "processing" for ever, and one that is too old must not be sent at all.
   */
  async #ask(attempt: OpenAttempt): Promise<PaymentOutcome> {
    const { gateway, nowMs, signal } = this.parts;
    const { isNew, attemptedAtMs, ...payment } = attempt;
    const idempotencyKey = `${attempt.rechargeId}/${attempt.attempt}`;
    if (!isNew) {
      const known = await this.#timed('look-up', () => gateway.lookUp(idempotencyKey, signal));
      if (known !== 'unknown-key') return known;
    }
    if (nowMs() - attemptedAtMs >= MAX_SEND_AGE_MS) return { kind: 'declined', code: NEVER_REACHED_GATEWAY, class: 'soft' };
    return this.#timed('charge', () => gateway.charge({ ...payment, idempotencyKey, signal }));
  }

  async #record(
    attempt: OpenAttempt,
    outcome: Exclude<PaymentOutcome, { kind: 'processing' }>,
  ): Promise<'paid' | 'declined' | 'settled-elsewhere' | 'second-payment'> {
    const { recharges, watch } = this.parts;
    const result = await recharges.record(
      attempt,
      outcome.kind === 'paid'
        ? { paid: true, paymentReference: outcome.paymentReference }
        : { paid: false, code: outcome.code, class: outcome.class },
    );
    if (result.kind === 'recorded') {
      watch.onOutcome(attempt, outcome);
      return outcome.kind;
    }
    if (result.kind === 'nothing') return 'settled-elsewhere';
    if (result.refusal.code !== 'recharge-closed') throw refusedOutcome(attempt, result.refusal.reason);
    // A decline that comes after the success of another attempt changes nothing.
    if (outcome.kind === 'declined') return 'settled-elsewhere';
    watch.onSecondPayment(attempt, outcome.paymentReference, result.refusal.reason);
    return 'second-payment';
  }

  async #timed<Answer extends PaymentOutcome | 'unknown-key'>(
    operation: 'charge' | 'look-up',
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const startedAt = performance.now();
    const answered = (result: GatewayAnswer): void => this.parts.watch.onAnswer(operation, result, performance.now() - startedAt);
    try {
      const answer = await ask();
      answered(typeof answer === 'string' ? answer : answer.kind);
      return answer;
    } catch (error) {
      if (error instanceof GatewayError) answered(error.code);
      throw error;
    }
  }
}

function progressOf(code: LedgerRejectionCode): Progress {
  switch (code) {
    case 'recharge-closed':
    case 'payment-retry-not-due':
    case 'recharge-unknown':
    case 'account-not-open':
      return code;
    default:
      throw new Error(`the ledger refused an attempt with ${code}, which no attempt can be refused with`);
  }
}

/** The attempt was read from the same stream, so the ledger and this program disagree about what stands there. */
function refusedOutcome({ tenant, rechargeId, attempt }: OpenAttempt, reason: string): Error {
  return new Error(`tenant ${tenant}: the outcome of recharge ${rechargeId}, attempt ${attempt}, cannot be recorded: ${reason}`);
}
