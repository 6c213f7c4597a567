// Rate deck, carriers' A–Z sheets: the fields of one line in, the rows of a deck that say the same out.

import type { Column } from './columns.js';

/** The text of a column, blank where the row leaves it at its default. */
export type TextOf = (column: Column) => string;
export type CarrierFault = { readonly column: Column; readonly reason: string };

/** Ranges such as 4915-4917 are written out; a longer one is a slip of the pen. */
const MAX_CODES = 1_000;
const CODE = /^\+?[1-9]\d{0,14}$/;
// Three figures are refused: with some carriers the first is a wait before billing.
const INCREMENTS = /^(\d{1,5})\s*[/+]\s*(\d{1,5})$/;
const DOTTED_DATE = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;

/** `49, 4915-4916` at 60/1 is three codes of two tiers each: a first increment of 60 s, from then on increments of 1 s. */
export function carrierRows(textOf: TextOf): readonly TextOf[] | CarrierFault {
  const codes = codesOf(textOf('prefix'));
  if (codes === undefined)
    return { column: 'prefix', reason: 'expected dial codes such as 49, 4915-4917, separated by comma or semicolon' };
  const tiers = tiersOf(textOf('increment'));
  if (tiers === undefined)
    return { column: 'increment', reason: 'expected seconds such as 60, or first and further ones such as 60/1' };
  const validFrom = dateText(textOf('validFrom'));
  if (validFrom === undefined) {
    return { column: 'validFrom', reason: 'a date with slashes may be read in two ways; write it as 2026-12-01' };
  }
  return codes.flatMap((prefix) =>
    tiers.map((tier) => {
      const own: Partial<Record<Column, string>> = { prefix, validFrom, ...tier };
      return (column: Column) => own[column] ?? textOf(column);
    }),
  );
}

export function isCarrierFault(rows: readonly TextOf[] | CarrierFault): rows is CarrierFault {
  return 'reason' in rows;
}

/** One code is left as it is, for its column to judge. */
function codesOf(text: string): readonly string[] | undefined {
  const parts = text.split(/[,;]/).map((part) => part.trim());
  if (parts.length === 1 && !text.includes('-')) return parts;
  const codes: string[] = [];
  for (const part of parts) {
    const [first = '', last = first, ...more] = part.split('-').map((end) => end.trim());
    if (!CODE.test(first) || !CODE.test(last) || more.length > 0 || first.length !== last.length) return undefined;
    const [from, to] = [Number(first), Number(last)];
    if (to < from || codes.length + to - from >= MAX_CODES) return undefined;
    for (let code = from; code <= to; code += 1) codes.push(String(code));
  }
  return codes;
}

function tiersOf(text: string): readonly Partial<Record<Column, string>>[] | undefined {
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

/** Days before months is how dotted dates are written wherever they are; slashes are written both ways. */
function dateText(text: string): string | undefined {
  const dotted = DOTTED_DATE.exec(text);
  if (dotted !== null) return `${dotted[3]}-${dotted[2]?.padStart(2, '0')}-${dotted[1]?.padStart(2, '0')}`;
  return text.includes('/') ? undefined : text;
}
