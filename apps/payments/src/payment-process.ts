// Payment step's heart: one recharge comes in; an attempt on its stream, the gateway's answer, the outcome on the stream.
//
// The attempt's number is the gateway's idempotency key, and it rises only after a decline that stands on the stream. So,
// whoever works on a recharge, how often and wherever it dies: the gateway sees the same key until the outcome is recorded,
// and takes money at most once for it. A message, the sweep and other processes may all come here at the same time.
//
// A decline is not the end of a payment everywhere: a person may authenticate it a day later. So, before another attempt the
// earlier ones are given up at the gateway, and `settleLate` looks at all of them when the gateway says that something changed.

import type { LedgerRejectionCode } from '@tollkeeper/ledger';
import {
  GatewayError,
  type GatewayErrorCode,
  NEVER_REACHED_GATEWAY,
  type PaymentGateway,
  type PaymentOutcome,
  traceOf,
} from '@tollkeeper/payment-gateway';
import { failpoint, retry } from '@tollkeeper/program';
import { attemptsOf, type Attempt, type OpenAttempt, type Recharge, type RechargeKey, type Recharges } from './recharges.js';

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
  onOutcome(attempt: Attempt, outcome: FinalOutcome): void;
  onAnswer(operation: Operation, result: GatewayAnswer, durationMs: number): void;
  onUnknownOutcome(attempt: Attempt, error: GatewayError): void;
  onSecondPayment(attempt: Attempt, paymentReference: string, reason: string): void;
};
type FinalOutcome = Exclude<PaymentOutcome, { kind: 'processing' }>;
type Operation = 'charge' | 'look-up' | 'give-up';
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

  /**
   * For news from the gateway about a recharge, whatever it has come to on the stream: every attempt is looked up, and what was
   * paid is credited, once. It takes no money, so that news which comes twice, late or forged does no harm.
   */
  async settleLate(key: RechargeKey): Promise<Progress> {
    const recharge = await this.parts.recharges.find(key);
    if (recharge === undefined) return 'recharge-unknown';
    let progress: Progress = 'declined';
    for (const attempt of attemptsOf(recharge)) {
      const outcome = await this.#certain(attempt, () => this.#lookUp(attempt));
      if (outcome === undefined) return 'outcome-unknown';
      if (outcome === 'unknown-key') continue;
      if (outcome.kind === 'paid') progress = await this.#record(attempt, outcome);
      else if (outcome.kind === 'processing' && progress === 'declined') progress = 'processing';
      else if (outcome.kind === 'declined' && isPending(recharge, attempt)) await this.#record(attempt, outcome);
    }
    return progress;
  }

  async #work(key: RechargeKey): Promise<Progress> {
    const { recharges, watch } = this.parts;
    const settled = await this.#giveUpEarlier(key);
    if (settled !== undefined) return settled;
    const attempt = await recharges.attempt(key);
    if (attempt === undefined) return 'settled-elsewhere';
    if ('code' in attempt) return progressOf(attempt.code);
    if (attempt.isNew) watch.onAttempt(attempt);
    failpoint('payments.after-attempt-append');
    const outcome = await this.#certain(attempt, () => this.#ask(attempt));
    failpoint('payments.after-gateway');
    if (outcome === undefined) return 'outcome-unknown';
    if (outcome.kind === 'processing') return 'processing';
    const progress = await this.#record(attempt, outcome);
    failpoint('payments.after-outcome-append');
    return progress;
  }

  /**
   * A person may have paid a declined attempt since, and two payments must not stand side by side. Undefined when no earlier
   * one holds the next attempt back; when the gateway does not say, there is none.
   */
  async #giveUpEarlier(key: RechargeKey): Promise<Progress | undefined> {
    const { recharges, nowMs } = this.parts;
    const recharge = await recharges.find(key);
    if (recharge === undefined || !isRetryDue(recharge, nowMs())) return undefined;
    for (const attempt of attemptsOf(recharge)) {
      const outcome = await this.#certain(attempt, () => this.#giveUp(attempt));
      if (outcome === undefined) return 'outcome-unknown';
      if (outcome === 'unknown-key' || outcome.kind === 'declined') continue;
      return outcome.kind === 'paid' ? this.#record(attempt, outcome) : 'processing';
    }
    return undefined;
  }

  /** Undefined when it stays unknown. */
  async #certain<Answer>(attempt: Attempt, ask: () => Promise<Answer>): Promise<Answer | undefined> {
    const { signal, watch } = this.parts;
    try {
      return await retry(ask, { ...TRIES, signal });
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
    const { isNew, attemptedAtMs, amount, currency } = attempt;
    if (!isNew) {
      const known = await this.#lookUp(attempt);
      if (known !== 'unknown-key') return known;
    }
    if (nowMs() - attemptedAtMs >= MAX_SEND_AGE_MS) return { kind: 'declined', code: NEVER_REACHED_GATEWAY, class: 'soft' };
    return this.#timed('charge', () => gateway.charge({ ...traceOf(attempt), amount, currency, signal }));
  }

  #lookUp(attempt: Attempt): Promise<PaymentOutcome | 'unknown-key'> {
    const { gateway, signal } = this.parts;
    return this.#timed('look-up', () => gateway.lookUp(traceOf(attempt), signal));
  }

  #giveUp(attempt: Attempt): Promise<PaymentOutcome | 'unknown-key'> {
    const { gateway, signal } = this.parts;
    const { giveUp } = gateway;
    if (giveUp === undefined) return this.#lookUp(attempt);
    return this.#timed('give-up', () => giveUp.call(gateway, traceOf(attempt), signal));
  }

  async #record(attempt: Attempt, outcome: FinalOutcome): Promise<'paid' | 'declined' | 'settled-elsewhere' | 'second-payment'> {
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

  async #timed<Answer extends PaymentOutcome | 'unknown-key'>(operation: Operation, ask: () => Promise<Answer>): Promise<Answer> {
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

function isRetryDue({ status, attemptStatus, retryAtMs }: Recharge, nowMs: number): boolean {
  return status === 'open' && attemptStatus === 'declined' && nowMs >= retryAtMs;
}

function isPending({ status, attempt: latest, attemptStatus }: Recharge, { attempt }: Attempt): boolean {
  return status === 'open' && attempt === latest && attemptStatus === 'pending';
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
function refusedOutcome({ tenant, rechargeId, attempt }: Attempt, reason: string): Error {
  return new Error(`tenant ${tenant}: the outcome of recharge ${rechargeId}, attempt ${attempt}, cannot be recorded: ${reason}`);
}
