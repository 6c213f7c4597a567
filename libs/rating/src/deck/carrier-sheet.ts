// Rate deck, carriers' A–Z sheets: the fields of one line in, the rows of a deck that say the same out.

import type { Column } from './columns.js';

/** The text of a column, blank where the row leaves it at its default. */
export type TextOf = (column: Column) => string;
export type CarrierFault = { readonly column: Column; readonly reason: string };

/** Ranges such as 4915-4917 are written out; a longer one is a slip of the pen. */
const MAX_CODES = 1_000;
/** Shorter ones may be a country code and an area code: 44-79 is no range of countries. */
const MIN_RANGE_DIGITS = 4;
const CODE = /^\+?[1-9]\d{0,14}$/;
// Three figures are refused: with some carriers the first is a wait before billing.
const INCREMENTS = /^(\d{1,5})\s*[/+]\s*(\d{1,5})$/;
const DATE_OF_TWO_READINGS = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/;
const MIDNIGHT = /[ T]00:00(?::00)?$/;
const MONTHS = 12;
/** Whatever else a status may say, such as "deleted" or "blocked", is for a person to apply. */
const HARMLESS_STATUS = /^(?:|new|increased?|decreased?|unchanged|no change|same|current|active|valid|open|ok|\+|-|=)$/i;

/** `49, 4915-4916` at 60/1 is three codes of two tiers each: a first increment of 60 s, from then on increments of 1 s. */
export function carrierRows(textOf: TextOf): readonly TextOf[] | CarrierFault {
  const codes = codesOf(textOf('prefix'));
  if (codes === undefined) {
    return { column: 'prefix', reason: 'expected dial codes such as 49, 4915-4917 in full, separated by comma or semicolon' };
  }
  const tiers = tiersOf(textOf('increment'));
  if (tiers === undefined)
    return { column: 'increment', reason: 'expected seconds such as 60, or first and further ones such as 60/1' };
  const validFrom = dateText(textOf('validFrom'));
  if (validFrom === undefined) {
    return { column: 'validFrom', reason: 'the date may be read in two ways, or is none; write it as 2026-12-01' };
  }
  const validTo = textOf('validTo');
  if (validTo !== '' && !validTo.includes('T')) {
    return {
      column: 'validTo',
      reason: 'a date may mean its beginning or its end; write the instant, such as 2026-12-01T00:00:00Z',
    };
  }
  return codes.flatMap((prefix) => {
    const own: Partial<Record<Column, string>> = { prefix, validFrom };
    return withTiers((column) => own[column] ?? textOf(column), tiers);
  });
}

/** One line of a deck of ours with an increment of 60/1; any other is left for its column to judge. */
export function rowsOfIncrements(textOf: TextOf): readonly TextOf[] {
  const tiers = INCREMENTS.test(textOf('increment')) ? tiersOf(textOf('increment')) : undefined;
  return tiers === undefined ? [textOf] : withTiers(textOf, tiers);
}

export function isCarrierFault(rows: readonly TextOf[] | CarrierFault): rows is CarrierFault {
  return 'reason' in rows;
}

export function isHarmlessStatus(text: string): boolean {
  return text === '' || HARMLESS_STATUS.test(text);
}

type Tier = Partial<Record<Column, string>>;

function withTiers(textOf: TextOf, tiers: readonly Tier[]): readonly TextOf[] {
  return tiers.map((tier) => (column: Column) => tier[column] ?? textOf(column));
}

/** One code is left as it is, for its column to judge. */
function codesOf(text: string): readonly string[] | undefined {
  const parts = text.split(/[,;]/).map((part) => part.trim());
  if (parts.length === 1 && !text.includes('-')) return parts;
  const codes: string[] = [];
  for (const part of parts) {
    const [first = '', last = first, ...more] = part.split('-').map((end) => end.trim());
    if (!CODE.test(first) || !CODE.test(last) || more.length > 0 || first.length !== last.length) return undefined;
    if (part.includes('-') && first.length < MIN_RANGE_DIGITS) return undefined;
    const [from, to] = [Number(first), Number(last)];
    if (to < from || codes.length + to - from >= MAX_CODES) return undefined;
    for (let code = from; code <= to; code += 1) codes.push(String(code));
  }
  return codes;
}

function tiersOf(text: string): readonly Tier[] | undefined {
  if (text === '' || /^\d+$/.test(text)) return [{ increment: text, tierStart: '0' }];
  const match = INCREMENTS.exec(text);
  const [, first = '', further = ''] = match ?? [];
  if (match === null) return undefined;
  if (Number(first) === Number(further)) return [{ increment: first, tierStart: '0' }];
  return [
    { increment: first, tierStart: '0' },
    { increment: further, tierStart: String(Number(first)) },
  ];
}

/** Of 01.12.2026 and 12/13/2026 only the second tells the day from the month. */
function dateText(text: string): string | undefined {
  const date = text.replace(MIDNIGHT, '');
  const match = DATE_OF_TWO_READINGS.exec(date);
  if (match === null) return date.includes('/') ? undefined : date;
  const [first, second] = [Number(match[1]), Number(match[3])];
  if (first <= MONTHS && second <= MONTHS && first !== second) return undefined;
  const [day, month] = second > MONTHS ? [second, first] : [first, second];
  return `${match[4]}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
