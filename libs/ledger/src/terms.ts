// An account's conditions: what is so until it is set otherwise, and within which bounds it can be set.

import { microsOf, parseMicros } from '@tollkeeper/money';
import type { AccountTerms } from './account-facts.js';

const MAX_MONTHS = 120;
const MAX_SECONDS = 86_400;
const MAX_SETTLE_SECONDS = 7 * 86_400;
const COUNTRY = /^[A-Z]{2}$/;
const AGREEMENT = /^[\p{L}\p{N}._/-]{1,64}$/u;

/** Keys in canonical order, as an event holds them. */
export const DEFAULT_TERMS: AccountTerms = {
  billingCountry: null,
  burstLimit: null,
  country: null,
  enterpriseAgreement: null,
  licensing: 'off',
  lotTermMonths: 12,
  lotWarningDays: 30,
  quotaSeconds: 300,
  settleTimeoutSeconds: 86_400,
};

/** What is wrong with a term, for a person; undefined when nothing is. */
export function faultOfTerms(terms: AccountTerms): string | undefined {
  const whole = (name: keyof AccountTerms, min: number, max: number): string | undefined => {
    const value = terms[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return undefined;
    return `${name} is a whole number from ${min} to ${max}`;
  };
  const country = (name: 'billingCountry' | 'country'): string | undefined =>
    terms[name] === null || COUNTRY.test(terms[name]) ? undefined : `${name} is an ISO 3166 code of two capitals, or null`;
  const limit = terms.burstLimit === null ? 1n : (parseMicros(terms.burstLimit) ?? 0n);
  return (
    country('country') ??
    country('billingCountry') ??
    (terms.enterpriseAgreement === null || AGREEMENT.test(terms.enterpriseAgreement)
      ? undefined
      : 'enterpriseAgreement is up to 64 letters, digits and . _ / -') ??
    (limit > 0n ? undefined : 'burstLimit is an amount above 0, or null') ??
    whole('lotTermMonths', 1, MAX_MONTHS) ??
    whole('lotWarningDays', 0, 365) ??
    whole('quotaSeconds', 1, MAX_SECONDS) ??
    whole('settleTimeoutSeconds', 60, MAX_SETTLE_SECONDS)
  );
}

export function burstLimitOf({ burstLimit }: AccountTerms): bigint | null {
  return burstLimit === null ? null : microsOf(burstLimit);
}
