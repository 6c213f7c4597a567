// Export as a table: a posting in, the cells of its row out, for CSV and XLSX alike.

import { tenantMovement, type Posting } from './postings.js';

export type Cell = { readonly kind: 'text' | 'amount' | 'number'; readonly text: string };

const text = (value: string | null): Cell => ({ kind: 'text', text: value ?? '' });
const amount = (value: string): Cell => ({ kind: 'amount', text: value });
const number = (value: number | null): Cell => ({ kind: 'number', text: value === null ? '' : String(value) });

type ColumnOf = { readonly name: string; readonly width: number; cell(posting: Posting): Cell };

export const COLUMNS: readonly ColumnOf[] = [
  { name: 'recordedAt', width: 25, cell: ({ recordedAt }) => text(recordedAt) },
  { name: 'effectiveAt', width: 25, cell: ({ effectiveAt }) => text(effectiveAt) },
  { name: 'tenant', width: 20, cell: ({ tenant }) => text(tenant) },
  { name: 'revision', width: 10, cell: ({ revision }) => number(revision) },
  { name: 'type', width: 22, cell: ({ type }) => text(type) },
  { name: 'description', width: 40, cell: ({ description }) => text(description) },
  { name: 'debit', width: 16, cell: ({ debit }) => text(debit) },
  { name: 'credit', width: 16, cell: ({ credit }) => text(credit) },
  { name: 'amount', width: 14, cell: (posting) => amount(posting.amount) },
  { name: 'currency', width: 9, cell: ({ currency }) => text(currency) },
  { name: 'movement', width: 14, cell: (posting) => amount(tenantMovement(posting)) },
  { name: 'balance', width: 14, cell: ({ balance }) => amount(balance) },
  { name: 'source', width: 16, cell: ({ source }) => text(source) },
  { name: 'cdrId', width: 38, cell: ({ cdrId }) => text(cdrId) },
  { name: 'generation', width: 11, cell: ({ generation }) => number(generation) },
  { name: 'destination', width: 24, cell: ({ destination }) => text(destination) },
  { name: 'reference', width: 38, cell: ({ reference }) => text(reference) },
  { name: 'eventId', width: 38, cell: ({ eventId }) => text(eventId) },
  { name: 'hash', width: 66, cell: ({ hash }) => text(hash) },
];

/** What a spreadsheet would take for a formula: these, also behind white space that it drops. */
const FORMULA = /^[\s]*[=+\-@]|^[\t\r]/;

/** A text that cannot become a formula where the file is opened; amounts and numbers are none, whatever their sign. */
export function harmless({ kind, text: value }: Cell): string {
  return kind === 'text' && FORMULA.test(value) ? `'${value}` : value;
}
