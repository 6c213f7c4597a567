// Audit's look at a gateway's books over HTTP: one answer of its list comes in; the payments and the next cursor go out.

import { GatewayError, type ListedPayment } from './gateway.js';
import { parseObject, PASSING_STATUSES, type Answer } from './http-answer.js';

/** Payments asked for in one page. */
export const LIST_PAGE = 500;
const QUOTED_CHARACTERS = 200;

export type PaymentPage = { readonly payments: readonly ListedPayment[]; readonly next: string | null };

/** @throws GatewayError for all that is no page, or that would never come to an end. */
export function pageOf({ status, text }: Answer, after: string | null): PaymentPage {
  if (PASSING_STATUSES.has(status)) {
    throw new GatewayError('unavailable', `Listing payments: the gateway answered ${status}; try again later.`);
  }
  const { payments, next = null } = (status >= 200 && status < 300 ? parseObject(text) : undefined) ?? {};
  if (!Array.isArray(payments) || (next !== null && typeof next !== 'string')) throw badList(status, text);
  if (next !== null && next === after) throw badList(status, `a cursor ${next} that leads to itself`);
  return { payments: payments.map((unchecked) => listed(unchecked, status)), next };
}

function listed(unchecked: unknown, answerStatus: number): ListedPayment {
  const payment = Object(unchecked) as Readonly<Record<string, unknown>>;
  const { tenant, rechargeId, attempt, amount, currency, status, paymentReference, createdAt } = payment;
  const isWhole =
    typeof tenant === 'string' &&
    typeof rechargeId === 'string' &&
    typeof attempt === 'number' &&
    typeof amount === 'string' &&
    typeof currency === 'string' &&
    (status === 'paid' || status === 'declined' || status === 'processing');
  if (!isWhole) throw badList(answerStatus, JSON.stringify(unchecked) ?? '');
  const reference = typeof paymentReference === 'string' ? paymentReference : null;
  const isInstant = typeof createdAt === 'string' && Number.isFinite(Date.parse(createdAt));
  return { tenant, rechargeId, attempt, amount, currency, status, reference, createdAt: isInstant ? createdAt : null };
}

function badList(status: number, text: string): GatewayError {
  const quoted = JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
  return new GatewayError(
    'bad-answer',
    `Listing payments: the gateway answered ${status} ${quoted}, which is no page of payments; see its GET /v1/payments.`,
  );
}
