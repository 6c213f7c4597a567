// Mail step's letters in English: one for each kind of notice.

import type { PoolFacts } from '@tollkeeper/projections';
import type { Letters, Pen } from './draft.js';

/** Why a payment was declined; a code that is not here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  'authentication-required': 'the card’s holder has to authenticate the payment',
  'card-declined': 'the card’s issuer declined it',
  'card-lost-or-stolen': 'the card was reported lost or stolen',
  'currency-not-supported': 'the card does not support the currency',
  'expired-card': 'the card has expired',
  'fraud-suspected': 'the card’s issuer suspects a fraud',
  'insufficient-funds': 'the card’s account has insufficient funds',
  'invalid-card': 'the card’s number is not valid',
  'limit-exceeded': 'the card’s limit is exceeded',
  'never-reached-gateway': 'the payment provider could not be reached',
  'payment-method-missing': 'there is no card on file',
  'processing-error': 'the card’s issuer could not process it',
};

function reason(code: string): string {
  const known = REASONS[code];
  return known === undefined ? code : `${known} (${code})`;
}

const METERS: Readonly<Record<PoolFacts['meter'], string>> = {
  conferencing: 'conferencing',
  domestic: 'domestic',
  international: 'international',
};

function poolUse({ capMs, meter, month, pool, usedMs }: PoolFacts, { minutes, month: monthName }: Pen): string {
  return `${minutes(usedMs)} of ${minutes(capMs)} ${METERS[meter]} minutes of the plan ${pool} are used in ${monthName(month)}.`;
}

export const english: Letters = {
  'recharge-succeeded': ({ amount, balance, cause, paymentReference }, { money, tenant }) => ({
    subject: `Recharge of ${money(amount)} for ${tenant} succeeded`,
    paragraphs: [
      `${cause === 'auto' ? 'The automatic recharge' : 'The recharge'} of ${money(amount)} was paid and added to the balance, which is now ${money(balance)}.`,
      `Reference of the payment: ${paymentReference}`,
    ],
  }),
  'recharge-failed': ({ amount, cause, code }, { money, tenant }) => ({
    subject: `Recharge of ${money(amount)} for ${tenant} failed`,
    paragraphs: [
      `${cause === 'auto' ? 'The automatic recharge' : 'The recharge'} of ${money(amount)} was not paid: ${reason(code)}.`,
      'Nothing was added to the balance. Please check the payment method, then recharge again.',
    ],
  }),
  'auto-recharge-suspended': ({ balance, code }, { money, tenant }) => ({
    subject: `Automatic recharge for ${tenant} is suspended`,
    paragraphs: [
      `Automatic recharge is suspended, because a payment failed for good: ${reason(code)}.`,
      `The balance is ${money(balance)} and is not recharged by itself any more. Please check the payment method, then resume automatic recharge.`,
    ],
  }),
  'authentication-required': ({ amount, rechargeId, until }, { authenticationUrl, instant, money, tenant }) => {
    const url = authenticationUrl(rechargeId);
    return {
      subject: `Please authenticate the payment of ${money(amount)} for ${tenant}`,
      paragraphs: [
        `The bank asks the card’s holder to authenticate the payment of ${money(amount)} (recharge ${rechargeId}) before it is made.`,
        `Please do so until ${instant(until)}; then the payment is tried again.`,
      ],
      ...(url === undefined ? {} : { link: { label: 'Authenticate the payment', url } }),
    };
  },
  'balance-zero': ({ balance }, { money, tenant }) => ({
    subject: `The balance of ${tenant} has reached zero`,
    paragraphs: [
      `The balance is ${money(balance)}. Calls that it would pay for are refused until it is recharged, incoming toll-free calls among them.`,
      'Included minutes and emergency calls go on.',
    ],
  }),
  'pool-80': (facts, pen) => ({
    subject: `80 % of the included ${METERS[facts.meter]} minutes of ${pen.tenant} are used`,
    paragraphs: [poolUse(facts, pen), 'When they are used up, calls are paid from the balance.'],
  }),
  'pool-100': (facts, pen) => ({
    subject: `The included ${METERS[facts.meter]} minutes of ${pen.tenant} are used up`,
    paragraphs: [poolUse(facts, pen), 'Further calls of this month are paid from the balance.'],
  }),
  'lot-about-to-expire': ({ amount, expiresAt, lotId }, { day, instant, money, tenant }) => ({
    subject: `${money(amount)} of the credit of ${tenant} expire on ${day(expiresAt)}`,
    paragraphs: [
      `${money(amount)} of the credit bought as ${lotId} are not used yet and expire on ${instant(expiresAt)}.`,
      'Credit that expires first is used first.',
    ],
  }),
  burst: ({ cause, hour, limit, spent }, { instant, money, tenant }) => ({
    subject: `Unusual ${cause === 'spending' ? 'spending' : 'recharging'} of ${tenant}`,
    paragraphs: [
      cause === 'spending'
        ? `${money(spent)} were spent in the hour that began on ${instant(hour)}, more than the limit of ${money(limit)}.`
        : `Automatic recharge would have asked for ${money(spent)}, more than its limit of ${money(limit)}, and was held back in the hour that began on ${instant(hour)}.`,
      'If you do not expect this, please check who is calling: it may be a fraud.',
    ],
  }),
  footer: (tenant) => `Tollkeeper wrote this for the account ${tenant}. Its recipients are set in the account.`,
};
