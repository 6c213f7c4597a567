// Rate deck, second step: unchecked text of one field in, the value that its column holds out, or undefined.
import { parsePicos, RATE_DECIMALS } from '@tollkeeper/charge';
import { isCurrency, MICRO_DECIMALS, ROUNDING_MODES, type RoundingMode, scaledText } from '@tollkeeper/money';

/** Columns that are applied: the first form of rating. */
export const APPLIED_COLUMNS = [
  'plan',
  'category',
  'prefix',
  'destination',
  'currency',
  'connectFee',
  'rate',
  'rateUnit',
  'increment',
  'rounding',
  'decimals',
] as const;
export type AppliedColumn = (typeof APPLIED_COLUMNS)[number];

/**
 * Columns of the full table that are known and not applied yet, each with the value that changes nothing. Any other
 * value would price calls wrongly if it were passed over, so it refuses the deck.
 */
export const UNAPPLIED_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['tierStart', '0'],
  ['days', '*'],
  ['dates', ''],
  ['from', '00:00:00'],
  ['to', '24:00:00'],
  ['timezone', 'UTC'],
  ['weight', '0'],
  ['validFrom', ''],
  ['validTo', ''],
  ['maxCost', ''],
  ['maxCostStrategy', ''],
]);

export const DEFAULTS = {
  plan: 'default',
  category: '*',
  connectFee: '0',
  rateUnit: '60',
  increment: '60',
  rounding: 'up',
  decimals: '4',
} as const;

/** What each column holds, in words for the person who mends the file. */
export const EXPECTED: Readonly<Record<AppliedColumn, string>> = {
  plan: 'a name of letters, digits, ".", "-" and "_", at most 64 long',
  category: 'a name such as outbound, or *',
  prefix: '1 to 15 digits that do not begin with 0, + allowed, or *',
  destination: 'text of at most 200 characters on one line',
  currency: 'an ISO 4217 code such as EUR',
  connectFee: `a decimal with a point, not negative, at most ${RATE_DECIMALS} decimals`,
  rate: `a decimal with a point, not negative, at most ${RATE_DECIMALS} decimals`,
  rateUnit: 'whole seconds from 1 to 86400',
  increment: 'whole seconds from 1 to 86400',
  rounding: ROUNDING_MODES.join(', '),
  decimals: `a whole number from 0 to ${MICRO_DECIMALS}`,
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PREFIX = /^\+?([1-9]\d{0,14})$/;
// Control characters and line separators would let a destination forge lines of logs and reports.
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u;
const WHOLE = /^\d{1,6}$/;
const MAX_UNIT_SECONDS = 86_400;

export function planOf(text: string): string | undefined {
  return NAME.test(text) ? text : undefined;
}

export function categoryOf(text: string): string | undefined {
  return text === '*' || NAME.test(text) ? text : undefined;
}

/** Digits without `+`, or `*`. */
export function prefixOf(text: string): string | undefined {
  return text === '*' ? text : PREFIX.exec(text)?.[1];
}

export function destinationOf(text: string): string | undefined {
  return ONE_LINE.test(text) ? text : undefined;
}

export function currencyOf(text: string): string | undefined {
  return isCurrency(text) ? text : undefined;
}

/** In its one spelling, so that 0.10 and 0.1 are the same deck. */
export function rateOf(text: string): string | undefined {
  const picos = parsePicos(text);
  return picos === undefined || picos < 0n ? undefined : scaledText(picos, RATE_DECIMALS);
}

export function unitSecondsOf(text: string): number | undefined {
  const seconds = WHOLE.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= MAX_UNIT_SECONDS ? seconds : undefined;
}

export function roundingOf(text: string): RoundingMode | undefined {
  return ROUNDING_MODES.find((mode) => mode === text);
}

export function decimalsOf(text: string): number | undefined {
  const decimals = WHOLE.test(text) ? Number(text) : Infinity;
  return decimals <= MICRO_DECIMALS ? decimals : undefined;
}
