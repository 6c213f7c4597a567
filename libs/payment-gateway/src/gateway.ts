// Payment step's port "payment gateway": one attempt to take money comes in; paid, declined or still processing goes out.
// An outcome that is not known is an error and never an answer: whoever gets it asks again under the same key.

import type { DeclineClass } from '@tollkeeper/ledger';

/** What names one attempt, at the gateway and on the stream. */
export type PaymentTrace = {
  /** `<recharge id>/<attempt>`: the gateway takes money at most once for it, however often it is asked. */
  readonly idempotencyKey: string;
  readonly tenant: string;
  readonly rechargeId: string;
  readonly attempt: number;
};

export type PaymentRequest = PaymentTrace & {
  /** Decimal text in the currency's units, such as `50` or `12.5`. */
  readonly amount: string;
  readonly currency: string;
  readonly signal: AbortSignal;
};

export type PaymentOutcome =
  | { readonly kind: 'paid'; readonly paymentReference: string }
  | { readonly kind: 'declined'; readonly code: string; readonly class: DeclineClass }
  | { readonly kind: 'processing' };

export interface PaymentGateway {
  /** @throws GatewayError when it is not known whether money was taken. */
  charge(request: PaymentRequest): Promise<PaymentOutcome>;
  /**
   * What became of a payment, however old it is; takes no money. `unknown-key` says that the gateway never took this payment
   * up, not that it has forgotten the key: an adapter to a gateway that forgets has to search by another trace.
   * @throws GatewayError when the gateway does not say.
   */
  lookUp(trace: PaymentTrace, signal: AbortSignal): Promise<PaymentOutcome | 'unknown-key'>;
  /**
   * Before another attempt: ends a declined payment for good, so that nobody can still pay it beside the next one, and tells
   * what it came to; `paid` when a person was faster. A gateway whose declines are final leaves it out and is only asked.
   * @throws GatewayError when it is not certain that the payment has ended.
   */
  giveUp?(trace: PaymentTrace, signal: AbortSignal): Promise<PaymentOutcome | 'unknown-key'>;
}

/** A payment as the gateway's own list tells it. */
export type ListedPayment = {
  readonly tenant: string;
  readonly rechargeId: string;
  readonly attempt: number;
  readonly amount: string;
  readonly currency: string;
  readonly status: PaymentOutcome['kind'];
  /** Of a paid payment, as its outcome names it. */
  readonly reference: string | null;
  /** ISO 8601; null where the gateway does not say. */
  readonly createdAt: string | null;
};

/** For whoever compares the gateway's books with the ledger's. */
export interface PaymentList {
  /**
   * Pages of all payments that name a recharge, in no promised order; asking changes nothing. Payments of other programs under the
   * same account at the gateway are left out.
   * @throws GatewayError when the list cannot be had, or had to its end.
   */
  list(signal: AbortSignal): AsyncIterable<readonly ListedPayment[]>;
}

/** The gateway's idempotency key of an attempt. Recharge ids begin with their tenant, so no two tenants share one. */
export function traceOf({ tenant, rechargeId, attempt }: Omit<PaymentTrace, 'idempotencyKey'>): PaymentTrace {
  return { idempotencyKey: `${rechargeId}/${attempt}`, tenant, rechargeId, attempt };
}

/** Headers carry ASCII only; the usual keys stay as they are, and no two keys become the same. */
export function wireKey(idempotencyKey: string): string {
  return encodeURI(idempotencyKey.toWellFormed());
}

export const DECLINE_CODES = [
  { code: 'card-declined', class: 'soft' }, // the issuer gave no reason
  { code: 'insufficient-funds', class: 'soft' },
  { code: 'limit-exceeded', class: 'soft' }, // the issuer's limit on amount or number
  { code: 'processing-error', class: 'soft' }, // the issuer or the network could not answer
  { code: 'authentication-required', class: 'authentication' }, // the holder must be present
  { code: 'card-lost-or-stolen', class: 'hard' },
  { code: 'currency-not-supported', class: 'hard' },
  { code: 'expired-card', class: 'hard' },
  { code: 'fraud-suspected', class: 'hard' },
  { code: 'invalid-card', class: 'hard' },
  { code: 'payment-cancelled', class: 'hard' }, // a person ended the payment at the gateway
  { code: 'payment-method-missing', class: 'hard' }, // the tenant has no card on file
  { code: 'payments-forbidden', class: 'hard' }, // the holder or the issuer wants no further ones; asking on costs fees
] as const;
export type DeclineCode = (typeof DECLINE_CODES)[number]['code'];

/** Ours, not a gateway's: the attempt is too old to be sent and the gateway does not know it. */
export const NEVER_REACHED_GATEWAY = 'never-reached-gateway';

const CLASS_OF: ReadonlyMap<string, DeclineClass> = new Map(DECLINE_CODES.map((decline) => [decline.code, decline.class]));

export function isDeclineCode(code: string): code is DeclineCode {
  return CLASS_OF.has(code);
}

/** A code that is not on our list counts as soft, because the ledger bounds how often an attempt is repeated. */
export function declineClassOf(code: string): DeclineClass {
  return CLASS_OF.get(code) ?? 'soft';
}

export const GATEWAY_ERROR_CODES = [
  'no-answer', // sent, and the answer never came: money may have been taken
  'unavailable', // the gateway could not be reached, or said that it cannot answer now
  'bad-answer', // it answered something that this program does not understand, or refused the request itself
] as const;
export type GatewayErrorCode = (typeof GATEWAY_ERROR_CODES)[number];

/** Whatever the code, it is unknown whether money was taken. */
export class GatewayError extends Error {
  readonly retryable: boolean;
  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'GatewayError';
    this.retryable = code !== 'bad-answer';
  }
}
