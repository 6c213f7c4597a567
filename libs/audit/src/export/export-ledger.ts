// Export: a store and what is asked for in; the file of the format out, piece by piece.

import type { Readable } from 'node:stream';
import type { EventStore } from '@tollkeeper/event-store';
import { beancount } from './beancount.js';
import { csv } from './csv.js';
import { hledger } from './hledger.js';
import { ndjson } from './ndjson.js';
import { postingsOf, type ExportItem, type PostingQuery } from './postings.js';
import type { TextFormat } from './text-format.js';
import { xlsx } from './xlsx.js';

const TEXT_FORMATS = { ndjson, csv, hledger, beancount } satisfies Readonly<Record<string, () => TextFormat>>;

export type ExportFormat = keyof typeof TEXT_FORMATS | 'xlsx';

export type ExportCounts = { readonly postings: number; readonly tenants: number };

/** A workbook is bytes; everything else is text, in pieces of a page. */
export type ExportTarget =
  | { readonly format: 'xlsx'; readonly put: (workbook: Readable) => Promise<void> }
  | { readonly format: Exclude<ExportFormat, 'xlsx'>; readonly write: (text: string) => Promise<void> };

export async function exportLedger(store: EventStore, query: PostingQuery, target: ExportTarget): Promise<ExportCounts> {
  const tenants = new Set<string>();
  let postings = 0;
  async function* counted(): AsyncGenerator<readonly ExportItem[]> {
    for await (const page of postingsOf(store, query)) {
      for (const { kind, tenant } of page) {
        if (kind === 'posting') postings += 1;
        tenants.add(tenant);
      }
      yield page;
    }
  }
  if (target.format === 'xlsx') await target.put(xlsx(counted()));
  else await writeText(TEXT_FORMATS[target.format](), counted(), target.write);
  return { postings, tenants: tenants.size };
}

async function writeText(
  format: TextFormat,
  pages: AsyncIterable<readonly ExportItem[]>,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const put = async (text: string): Promise<void> => (text === '' ? undefined : write(text));
  await put(format.head());
  for await (const page of pages) await put(page.map((item) => format.item(item)).join(''));
  await put(format.tail());
}
