// Rate deck, written down: rows in, the one CSV text that says the same out. It is what is stored, shown and hashed.

import { clockText, datesText, daysText } from './calendar-columns.js';
import { COLUMNS, DEFAULTS, type Column } from './columns.js';
import type { RowColumns } from './deck.js';
import type { Terms } from './row.js';

type Texts = Readonly<Record<Column, string>>;
type Wanted = (terms: Terms) => boolean;

/** Text handed on at once, so that a large deck is hashed in a few calls and never held twice. */
const CHUNK_CHARS = 65_536;

/**
 * Canonical CSV, in chunks of many lines, each line ended by a line feed. A column stands in it only when a row departs from
 * its default, so that a column added to the format later leaves every deck that does not use it as it is.
 */
export function* canonicalLines(rows: RowColumns, isWanted: Wanted = () => true): Iterable<string> {
  const textsOf = rememberedTexts();
  const columns = usedColumns(rows, isWanted, textsOf);
  let chunk = `${columns.join(',')}\n`;
  for (let row = 0; row < rows.count; row += 1) {
    if (!isWanted(rows.terms(row))) continue;
    const texts = textsOf(rows.terms(row));
    let separator = '';
    for (const column of columns) {
      chunk += separator + textOf(rows, row, texts, column);
      separator = ',';
    }
    chunk += '\n';
    if (chunk.length > CHUNK_CHARS) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

/** Reads a row's text under each column, blank where it is the default. */
export function canonicalTexts(rows: RowColumns): (row: number) => Texts {
  const textsOf = rememberedTexts();
  return (row) => {
    const texts = textsOf(rows.terms(row));
    return { ...texts, prefix: rows.prefix(row), destination: textOf(rows, row, texts, 'destination') };
  };
}

function rememberedTexts(): (terms: Terms) => Texts {
  const known = new Map<Terms, Texts>();
  return (terms) => {
    let texts = known.get(terms);
    if (texts === undefined) known.set(terms, (texts = termTexts(terms)));
    return texts;
  };
}

function usedColumns(rows: RowColumns, isWanted: Wanted, textsOf: (terms: Terms) => Texts): readonly Column[] {
  const used = new Set<Column>(['prefix', 'currency', 'rate']);
  const seen = new Set<Terms>();
  for (let row = 0; row < rows.count; row += 1) {
    const terms = rows.terms(row);
    if (!isWanted(terms)) continue;
    if (rows.destination(row) !== rows.prefix(row)) used.add('destination');
    if (seen.has(terms)) continue;
    seen.add(terms);
    const texts = textsOf(terms);
    for (const column of COLUMNS) if (texts[column] !== '') used.add(column);
  }
  return COLUMNS.filter((column) => used.has(column));
}

function textOf(rows: RowColumns, row: number, texts: Texts, column: Column): string {
  if (column === 'prefix') return rows.prefix(row);
  if (column !== 'destination') return texts[column];
  const destination = rows.destination(row);
  if (destination === rows.prefix(row)) return '';
  return /[",;\t]|^\s|\s$/.test(destination) ? `"${destination.replaceAll('"', '""')}"` : destination;
}

function termTexts(terms: Terms): Texts {
  const { window, maxCost } = terms;
  const texts: Partial<Record<Column, string>> = {
    plan: terms.plan,
    category: terms.category,
    connectFee: terms.connectFee,
    tierStart: String(terms.tierStart),
    rateUnit: String(terms.rateUnitSeconds),
    increment: String(terms.incrementSeconds),
    days: daysText(window.days),
    dates: datesText(window.dates),
    from: clockText(window.fromMs),
    to: clockText(window.toMs),
    timezone: window.zone.name,
    weight: String(window.weight),
    validFrom: instantText(window.validFromMs),
    validTo: instantText(window.validToMs),
    rounding: terms.rounding,
    decimals: String(terms.decimals),
    maxCost: maxCost?.amount ?? '',
    maxCostStrategy: maxCost?.strategy ?? '',
  };
  const departing = Object.entries(DEFAULTS).map(([column, unchanged]) => {
    const text = texts[column as Column] ?? '';
    return [column, text === unchanged ? '' : text.includes(',') ? `"${text}"` : text] as const;
  });
  const blank = { prefix: '', destination: '', currency: terms.currency, rate: terms.rate };
  return { ...blank, ...(Object.fromEntries(departing) as Omit<Texts, keyof typeof blank>) };
}

function instantText(instantMs: number): string {
  return Number.isFinite(instantMs) ? new Date(instantMs).toISOString() : '';
}
