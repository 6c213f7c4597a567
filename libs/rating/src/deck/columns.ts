// Rate deck, the table of columns: unchecked text of one field in, the value that its column holds out, or undefined.
import { type MaxCost, parsePicos, RATE_DECIMALS } from '@tollkeeper/charge';
import { isCurrency, MICRO_DECIMALS, ROUNDING_MODES, type RoundingMode, scaledText } from '@tollkeeper/money';
import { MAX_USAGE_MS } from '../cdr/index.js';

/** In the order in which a deck is written. */
export const COLUMNS = [
  'plan',
  'category',
  'prefix',
  'destination',
  'currency',
  'connectFee',
  'tierStart',
  'rate',
  'rateUnit',
  'increment',
  'days',
  'dates',
  'from',
  'to',
  'timezone',
  'weight',
  'validFrom',
  'validTo',
  'rounding',
  'decimals',
  'maxCost',
  'maxCostStrategy',
] as const;
export type Column = (typeof COLUMNS)[number];

/** For a field that is blank. `prefix` and `rate` have none; the destination's is the prefix, the currency's the deck's. */
export const DEFAULTS: Readonly<Record<Exclude<Column, 'prefix' | 'rate' | 'destination' | 'currency'>, string>> = {
  plan: 'default',
  category: '*',
  connectFee: '0',
  tierStart: '0',
  rateUnit: '60',
  increment: '60',
  days: '*',
  dates: '',
  from: '00:00:00',
  to: '24:00:00',
  timezone: 'UTC',
  weight: '0',
  validFrom: '',
  validTo: '',
  rounding: 'up',
  decimals: '4',
  maxCost: '',
  maxCostStrategy: '',
};

/** Of any use: what begins later no call reaches. */
export const MAX_TIER_START_SECONDS = MAX_USAGE_MS / 1000 - 1;
const MAX_WEIGHT = 1_000_000;

/** What each column holds, in words for the person who mends the file. */
export const EXPECTED: Readonly<Record<Column, string>> = {
  plan: 'a name of letters, digits, ".", "-" and "_", at most 64 long',
  category: 'a name such as outbound, or *',
  prefix: '1 to 15 digits that do not begin with 0, + allowed, or *',
  destination: 'text of at most 200 characters on one line',
  currency: 'an ISO 4217 code such as EUR',
  connectFee: `a decimal with a point, not negative, at most ${RATE_DECIMALS} decimals`,
  tierStart: `whole seconds from 0 to ${MAX_TIER_START_SECONDS}, short of the longest call`,
  rate: `a decimal with a point, not negative, at most ${RATE_DECIMALS} decimals`,
  rateUnit: 'whole seconds from 1 to 86400',
  increment: 'whole seconds from 1 to 86400',
  days: 'days such as mon-fri or sat,sun, or *',
  dates: 'days such as 2026-12-25 or, for every year, 12-25; several with |',
  from: 'a time of day such as 08:00:00',
  to: 'a time of day such as 18:00:00, at most 24:00:00',
  timezone: 'an IANA name such as Europe/Paris',
  weight: `a whole number from 0 to ${MAX_WEIGHT}`,
  validFrom: 'an instant such as 2026-12-01T00:00:00Z, or a date',
  validTo: 'an instant such as 2026-12-01T00:00:00Z, or a date',
  rounding: ROUNDING_MODES.join(', '),
  decimals: `a whole number from 0 to ${MICRO_DECIMALS}`,
  maxCost: 'a decimal with a point, not negative, with no more decimals than the charge',
  maxCostStrategy: 'free or disconnect, beside a maxCost',
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PREFIX = /^\+?([1-9]\d{0,14})$/;
// Control characters and line separators would let a destination forge lines of logs and reports; half a character has no bytes.
const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,200}$/u;
const WHOLE = /^\d{1,7}$/;
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
  return wholeOf(text, 1, MAX_UNIT_SECONDS);
}

export function tierStartOf(text: string): number | undefined {
  return wholeOf(text, 0, Infinity);
}

export function weightOf(text: string): number | undefined {
  return wholeOf(text, 0, MAX_WEIGHT);
}

export function roundingOf(text: string): RoundingMode | undefined {
  return ROUNDING_MODES.find((mode) => mode === text);
}

export function decimalsOf(text: string): number | undefined {
  return wholeOf(text, 0, MICRO_DECIMALS);
}

export function strategyOf(text: string): MaxCost['strategy'] | undefined {
  return text === 'free' || text === 'disconnect' ? text : undefined;
}

function wholeOf(text: string, least: number, most: number): number | undefined {
  const value = WHOLE.test(text) ? Number(text) : -1;
  return value >= least && value <= most ? value : undefined;
}
