// What people type: unchecked text of an option in, its value out, or a fault that names what is expected.

import { InvalidArgumentError } from 'commander';
import { MAX_INSTANT_MS, MAX_USAGE_MS, MIN_INSTANT_MS } from '@tollkeeper/rating';
import { isCurrency, parseMicros } from '@tollkeeper/money';

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const E164 = /^\+?[1-9]\d{0,14}$/;
const SECONDS = /^\d{1,7}(\.\d{1,3})?$/;

/** A date is its midnight in UTC; a time needs its offset, since it could be anybody's otherwise. */
export function instant(text: string): number {
  const instantMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (instantMs >= MIN_INSTANT_MS && instantMs < MAX_INSTANT_MS) return instantMs;
  throw new InvalidArgumentError('expected an instant such as 2026-12-25T08:00:00Z, or a date.');
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
