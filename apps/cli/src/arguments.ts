// What people type: unchecked text of an option in, its value out, or a fault that names what is expected.

import { InvalidArgumentError } from 'commander';
import { MAX_INSTANT_MS, MAX_USAGE_MS, MIN_INSTANT_MS } from '@tollkeeper/rating';
import { isLicence, LICENCES, type Licence } from '@tollkeeper/ledger';
import { isCurrency, parseMicros } from '@tollkeeper/money';
import { faultOfIdentity, parseCountry } from '@tollkeeper/people';

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const E164 = /^\+?[1-9]\d{0,14}$/;
const TENANT = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const WHOLE_NUMBER = /^\d{1,9}$/;
/** As an Idempotency-Key of the API. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const SECONDS = /^\d{1,7}(\.\d{1,3})?$/;

/** A date is its midnight in UTC; a time needs its offset, since it could be anybody's otherwise. */
export function instant(text: string): number {
  const instantMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (instantMs >= MIN_INSTANT_MS && instantMs < MAX_INSTANT_MS) return instantMs;
  throw new InvalidArgumentError('expected an instant such as 2026-12-25T08:00:00Z, or a date.');
}

export function month(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('expected a month such as 2026-04.');
}

export function number(text: string): string {
  if (E164.test(text)) return text.startsWith('+') ? text : `+${text}`;
  throw new InvalidArgumentError('expected a number in E.164, such as +4930123456.');
}

/** Milliseconds. */
export function seconds(text: string): number {
  const usageMs = SECONDS.test(text) ? Math.round(Number(text) * 1000) : NaN;
  if (usageMs <= MAX_USAGE_MS) return usageMs;
  throw new InvalidArgumentError(`expected seconds such as 61 or 67.54, at most ${MAX_USAGE_MS / 1000}.`);
}

export function amount(text: string): bigint {
  const micros = parseMicros(text);
  if (micros !== undefined) return micros;
  throw new InvalidArgumentError('expected a decimal such as 25.00, with at most 6 decimals.');
}

export function currency(text: string): string {
  if (isCurrency(text)) return text;
  throw new InvalidArgumentError('expected an ISO 4217 code such as EUR.');
}

export function tenant(text: string): string {
  if (TENANT.test(text)) return text;
  throw new InvalidArgumentError('expected the name of a tenant: lower-case letters, digits, dots, dashes and underscores.');
}

export function user(text: string): string {
  const fault = faultOfIdentity(text);
  if (fault === undefined) return text;
  throw new InvalidArgumentError(`the user ${fault}.`);
}

export function country(text: string): string {
  const code = parseCountry(text);
  if (code !== undefined) return code;
  throw new InvalidArgumentError('expected an ISO 3166 code such as FR.');
}

/** Repeated, it collects. */
export function licence(text: string, before: readonly Licence[] = []): readonly Licence[] {
  if (isLicence(text)) return [...before, text];
  throw new InvalidArgumentError(`expected one of ${Object.keys(LICENCES).join(', ')}.`);
}

export function address(text: string, before: readonly string[] = []): readonly string[] {
  if (ADDRESS.test(text)) return [...before, text];
  throw new InvalidArgumentError('expected a mail address such as billing@contoso.com.');
}

export function positiveAmount(text: string): bigint {
  const micros = amount(text);
  if (micros > 0n) return micros;
  throw new InvalidArgumentError('expected an amount above 0.');
}

export function wholeNumber(text: string): number {
  if (WHOLE_NUMBER.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number.');
}

export function key(text: string): string {
  if (KEY.test(text)) return text;
  throw new InvalidArgumentError('expected 1 to 128 letters, digits, dots, dashes, underscores and colons.');
}

export const NONE = 'none';

/** A term that can be forgotten. The word stays: the command line makes blank text of a null. */
export function orNone<Value>(parse: (text: string) => Value): (text: string) => Value | typeof NONE {
  return (text) => (text === NONE ? NONE : parse(text));
}
