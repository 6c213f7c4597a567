// Export as a table: a posting in, the cells of its row out, for CSV and XLSX alike.

import type { Column } from '@tollkeeper/workbook';
import { tenantMovement, type Posting } from './postings.js';

type ColumnOf = Column & { textOf(posting: Posting): string };

const text = (name: string, width: number, textOf: ColumnOf['textOf']): ColumnOf => ({ name, width, kind: 'text', textOf });
const amount = (name: string, textOf: ColumnOf['textOf']): ColumnOf => ({ name, width: 14, kind: 'amount', textOf });
const whole = (name: string, textOf: ColumnOf['textOf']): ColumnOf => ({ name, width: 11, kind: 'whole', textOf });

export const COLUMNS: readonly ColumnOf[] = [
  text('recordedAt', 25, ({ recordedAt }) => recordedAt),
  text('effectiveAt', 25, ({ effectiveAt }) => effectiveAt),
  text('tenant', 20, ({ tenant }) => tenant),
  whole('revision', ({ revision }) => String(revision)),
  text('type', 22, ({ type }) => type),
  text('description', 40, ({ description }) => description),
  text('debit', 16, ({ debit }) => debit),
  text('credit', 16, ({ credit }) => credit),
  amount('amount', (posting) => posting.amount),
  text('currency', 9, ({ currency }) => currency),
  amount('movement', tenantMovement),
  amount('balance', ({ balance }) => balance),
  text('source', 16, ({ source }) => source ?? ''),
  text('cdrId', 38, ({ cdrId }) => cdrId ?? ''),
  whole('generation', ({ generation }) => (generation === null ? '' : String(generation))),
  text('destination', 24, ({ destination }) => destination ?? ''),
  text('reference', 38, ({ reference }) => reference ?? ''),
  text('eventId', 38, ({ eventId }) => eventId),
  text('hash', 66, ({ hash }) => hash),
];
