// Recharge step behind HTTP: a tenant and a place come in; its recharges from there on, newest first, each with the reason of its last
// decline as a sentence, go out.

import { NEVER_REACHED_GATEWAY, type DeclineCode } from '@tollkeeper/payment-gateway';
import type { RechargeRow } from '@tollkeeper/projections';
import type { RechargesPage, RechargeView } from './history-answers.js';
import type { RechargesQuery } from './history-requests.js';
import { cursorOf, placeOf } from './page-cursor.js';
import type { ApiParts } from './parts.js';

/** What whoever bought, or looks after the card, has to know and can do. */
const REASONS: Readonly<Record<DeclineCode | typeof NEVER_REACHED_GATEWAY, string>> = {
  'authentication-required': 'The bank wants the card holder to confirm the payment; buy once by hand, with the holder present.',
  'card-declined': "The card's issuer declined without a reason; ask the issuer, or use another card.",
  'card-lost-or-stolen': 'The card was reported lost or stolen; put another card on file.',
  'currency-not-supported': "The card cannot be charged in the account's currency; put another card on file.",
  'expired-card': 'The card has expired; put its successor, or another card, on file.',
  'fraud-suspected': 'The payment was taken for fraud; ask the issuer, or use another card.',
  'insufficient-funds': "The card's account does not hold enough.",
  'invalid-card': "The card's details are wrong; put them on file anew.",
  'limit-exceeded': "The payment is beyond the card's limit on amounts or on their number.",
  'payment-cancelled': 'A person cancelled the payment at the gateway.',
  'payment-method-missing': 'No card is on file; put one there.',
  'payments-forbidden': 'The card holder or the issuer wants no further payments; put another card on file.',
  'processing-error': 'The issuer or its network could not answer.',
  [NEVER_REACHED_GATEWAY]: 'The payment never reached the gateway; nothing was taken.',
};

const REVISION = /^\d{1,15}$/;

export class RechargeHistory {
  readonly #parts: Pick<ApiParts, 'readStore'>;

  constructor(parts: Pick<ApiParts, 'readStore'>) {
    this.#parts = parts;
  }

  async page(tenant: string, { limit, cursor }: RechargesQuery): Promise<RechargesPage> {
    const before = placeOf(cursor, REVISION);
    let query = this.#parts.readStore.db.selectFrom('auto_recharge').selectAll().where('tenant', '=', tenant);
    if (before !== undefined) {
      const [at, revision] = [before[0], Number(before[1])];
      query = query.where('requested_at', '<=', at);
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('requested_at', 'requested_revision'), '<', tuple(at, revision)),
      );
    }
    const rows = await query
      .orderBy('requested_at', 'desc')
      .orderBy('requested_revision', 'desc')
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const isMore = rows.length > limit && last !== undefined;
    return { recharges: shown.map(viewOf), next: isMore ? cursorOf([last.requested_at, String(last.requested_revision)]) : null };
  }
}

/** What was declined before it was paid is nobody's trouble any more. */
function viewOf(row: RechargeRow): RechargeView {
  const code = row.status === 'succeeded' ? null : row.last_code;
  return {
    rechargeId: row.recharge_id,
    cause: row.cause,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    attempts: row.attempts,
    code,
    reason: code === null ? null : reasonOf(code),
    retryAt: row.retry_at,
    paymentReference: row.payment_reference,
    requestedAt: row.requested_at,
  };
}

/** A gateway may have codes that are not on our list. */
function reasonOf(code: string): string {
  return (REASONS as Readonly<Record<string, string | undefined>>)[code] ?? `The payment gateway declined with the code ${code}.`;
}
