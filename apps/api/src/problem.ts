// HTTP's way out when it says no: a code of ours, of the ledger or of the webhooks comes in, an RFC 9457 problem with its status goes out.

import type { LedgerRejection, LedgerRejectionCode } from '@tollkeeper/ledger';
import type { WebhookRejection, WebhookRejectionCode } from '@tollkeeper/webhooks';

/** What the API itself refuses, with the status and the title that always go with it. */
const API_PROBLEMS = {
  'request-unreadable': [400, 'The request cannot be read'],
  'parameter-invalid': [400, 'A parameter or header has a fault'],
  'idempotency-key-missing': [400, 'The header Idempotency-Key is missing'],
  'operator-only': [401, 'Only the operator may do this'],
  'not-the-operator': [403, "The token is not the operator's"],
  'cross-site-request': [403, 'Pages of other sites may not do this'],
  'not-found': [404, 'There is nothing here'],
  'balance-unknown': [404, 'No balance is known for this tenant'],
  'purchase-unknown': [404, 'No such purchase is known'],
  'deck-unknown': [404, 'No version of a rate deck has this hash'],
  'letter-unknown': [404, 'No such dead letter is known'],
  'call-unknown': [404, 'No such call is known'],
  'call-ambiguous': [409, 'Several calls have this id'],
  'persons-erased': [409, "The tenant's persons were erased"],
  'rebuild-running': [409, 'The read model is being rebuilt already'],
  'verification-running': [409, 'The ledger is being verified already'],
  'rerate-running': [409, 'Calls are being rated anew already'],
  'revision-ahead': [409, 'The revision is ahead of the stream'],
  'body-too-large': [413, 'The body is too large'],
  'too-many-records': [413, 'The body holds too many records'],
  'media-type-unsupported': [415, 'The media type or encoding is not supported'],
  'host-unknown': [421, 'The server is not called so'],
  'request-invalid': [422, 'Fields of the body have faults'],
  'deck-faulty': [422, 'The rate deck has faults'],
  'deck-ambiguous': [422, 'Several versions have a hash that begins so'],
  'month-not-over': [422, 'The months to erase are not all over'],
  'licences-refused': [422, 'The file of licences has faults'],
  'period-invalid': [422, 'The period cannot be reported'],
  'source-unknown': [422, 'No source of this name is configured'],
  'format-fixed': [422, 'The source has another format'],
  'no-plan': [422, 'No rate deck prices this plan'],
  'no-rate-in-currency': [422, 'The called number has no rate in this currency'],
  'no-rate': [422, 'The called number has no rate'],
  'idempotency-key-reused': [422, 'The Idempotency-Key was used for another request'],
  'internal-error': [500, 'The request failed by our mistake'],
  'stream-unreadable': [500, 'The account cannot be read'],
  'engine-unavailable': [503, 'An engine does not answer'],
  'too-busy': [503, 'Too many requests of this kind at once'],
  'console-not-built': [404, 'The console was not built'],
  'read-model-incomplete': [409, 'The read model lacks events'],
  'shutting-down': [503, 'The service is stopping'],
  'projection-lags': [504, 'The read model has not come so far yet'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;
export type ApiProblemCode = keyof typeof API_PROBLEMS;

const LEDGER_STATUS: Readonly<Record<LedgerRejectionCode, number>> = {
  'account-not-open': 404,
  'account-exists-with-different-content': 409,
  'amount-invalid': 422,
  'cdr-exists-with-different-content': 409,
  'cdr-in-future': 409,
  'cdr-too-old': 409,
  'currency-mismatch': 409,
  'plan-mismatch': 409,
  'debit-unknown': 409,
  // The purchase's id is the request's Idempotency-Key.
  'purchase-exists-with-different-content': 422,
  'credits-not-sold': 403,
  'billing-address-elsewhere': 422,
  'enterprise-agreement-mismatch': 422,
  'amount-below-minimum': 422,
  'purchase-unknown': 404,
  'refund-exceeds-purchase': 422,
  'adjustment-exists-with-different-content': 422,
  'terms-invalid': 422,
  'session-exists-with-different-content': 409,
  'session-closed': 409,
  'session-unknown': 404,
  'recharge-unknown': 404,
  'recharge-closed': 409,
  'payment-attempt-unknown': 409,
  'payment-retry-not-due': 409,
  POLICY: 403,
  UNSUPPORTED_DESTINATION: 403,
  NOT_AVAILABLE_IN_COUNTRY: 403,
  NO_LICENCE: 403,
  NO_CREDIT: 402,
};

const WEBHOOK_STATUS: Readonly<Record<WebhookRejectionCode, number>> = {
  'webhook-unknown': 404,
  'webhook-url-invalid': 422,
  'webhook-url-not-https': 422,
  'webhook-url-private': 422,
  'webhook-type-unknown': 422,
  'webhook-too-many': 409,
};

/** One fault of one field: `pointer` into the body, or the name of a `parameter` or header. */
export type FieldFault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, for programs; `title` and `detail` are for people. */
  readonly code: ApiProblemCode | LedgerRejectionCode | WebhookRejectionCode;
  readonly errors?: readonly FieldFault[];
  readonly [extension: string]: unknown;
};

/** Thrown by handlers, because that is how Nest hands a refusal to its filter; nothing else catches it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(
    told: Problem,
    readonly retryAfterSeconds?: number,
  ) {
    super(told.detail);
    this.name = 'ProblemError';
    this.problem = told;
  }
}

export const RETRY_AFTER_SECONDS = 5;

export function problemOf(code: ApiProblemCode, detail: string, extensions: Readonly<Record<string, unknown>> = {}): Problem {
  const [status, title] = API_PROBLEMS[code];
  return { type: typeOf(code), title, status, detail, code, ...extensions };
}

export function problem(code: ApiProblemCode, detail: string, extensions?: Readonly<Record<string, unknown>>): ProblemError {
  const told = problemOf(code, detail, extensions);
  return new ProblemError(told, told.status === 503 || told.status === 504 ? RETRY_AFTER_SECONDS : undefined);
}

/** Nobody of the tenant is known by name any more, and nobody can be again. */
export function personsErased(tenant: string): ProblemError {
  return problem(
    'persons-erased',
    `The key of ${tenant}'s persons was destroyed; users and recipients can no longer be named, nor webhooks signed.`,
  );
}

export function refusedByLedger({ code, reason }: LedgerRejection): ProblemError {
  const title = `The ledger refused: ${code.replaceAll('-', ' ')}`;
  return new ProblemError({ type: typeOf(code), title, status: LEDGER_STATUS[code], detail: reason, code });
}

export function refusedWebhook({ code, reason }: WebhookRejection): ProblemError {
  const title = `Refused: ${code.replaceAll('-', ' ')}`;
  return new ProblemError({ type: typeOf(code), title, status: WEBHOOK_STATUS[code], detail: reason, code });
}

function typeOf(code: string): string {
  return `urn:tollkeeper:problem:${code}`;
}
