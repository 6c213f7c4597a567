// Export, first step: the ledger's streams in; every posting as one transaction between two accounts out, for the formats beside this
// file. With a period, a tenant's first posting comes behind the balance it was opened with, so that sums in other tools are whole.

import { lastEvent, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { decode, STREAM_PREFIX, streamOf, tenantOf, type LedgerEvent } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { balanceAfter, currencyIn, eventAt, firstRevisionAt, instantOf, type Instant } from '../as-of-revision.js';
import { factsOf, type PostingFacts } from './posting-facts.js';

/** The ledger's accounts, seen from the operator's side. */
export type LedgerAccount = NonNullable<Extract<LedgerEvent, { type: 'CallDebited.v1' }>['data']['posting']>['debit'];

export type Posting = PostingFacts & {
  readonly kind: 'posting';
  readonly tenant: string;
  readonly currency: string;
  readonly revision: number;
  readonly eventId: string;
  readonly hash: string;
  readonly type: string;
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
  /** Above zero: Dr `debit` / Cr `credit`. */
  readonly amount: string;
  readonly debit: LedgerAccount;
  readonly credit: LedgerAccount;
  /** Of the tenant, after it; the operator owes it, so it stands on the credit side. */
  readonly balance: string;
};

/** What a tenant had when the period began. */
export type Opening = {
  readonly kind: 'opening';
  readonly tenant: string;
  readonly currency: string;
  readonly at: Instant;
  readonly balance: string;
};

export type ExportItem = Posting | Opening;

export type PostingQuery = {
  /** By default all tenants, in the order of the whole store. */
  readonly tenant?: string;
  /** By `recordedAt`: from then on, and before then. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** How many more events were looked at. */
  readonly onEvents?: (count: number) => void;
};

type Books = { readonly currency: string; readonly balance: string; readonly isOpened: boolean };

/** Memory grows with the tenants, not with their events. Nothing for a tenant without an account. */
export async function* postingsOf(store: EventStore, query: PostingQuery): AsyncGenerator<readonly ExportItem[]> {
  const from = query.fromMs === undefined ? undefined : instantOf(query.fromMs);
  const to = query.toMs === undefined ? undefined : instantOf(query.toMs);
  const books = new Map<string, Books>();
  const pages =
    query.tenant === undefined
      ? store.readAll({ streamPrefix: STREAM_PREFIX })
      : pagesOfTenant(store, query.tenant, { from, to, books });
  for await (const page of pages) {
    const items: ExportItem[] = [];
    for (const stored of page) {
      const event = decode(stored);
      const tenant = tenantOf(stored.stream);
      if (to !== undefined && event.data.recordedAt >= to) continue;
      const known = books.get(tenant) ?? opened(stored, event, from === undefined);
      const isBefore = from !== undefined && event.data.recordedAt < from;
      const posting = isBefore ? undefined : postingOf(stored, event, known.currency);
      if (posting !== undefined && !known.isOpened) items.push(openingOf(tenant, known, from ?? ''));
      if (posting !== undefined) items.push(posting);
      books.set(tenant, { ...known, balance: event.data.balance, isOpened: known.isOpened || posting !== undefined });
    }
    query.onEvents?.(page.length);
    if (items.length > 0) yield items;
  }
  const still = [...books].filter(([, { isOpened, balance }]) => !isOpened && balance !== '0');
  if (still.length > 0) yield still.map(([tenant, its]) => openingOf(tenant, its, from ?? ''));
}

type Bounds = { readonly from: Instant | undefined; readonly to: Instant | undefined; readonly books: Map<string, Books> };

/** Only the events of the period are read; what stood before it goes into the books. */
async function* pagesOfTenant(store: EventStore, tenant: string, { from, to, books }: Bounds) {
  const stream = streamOf(tenant);
  const [last, currency] = [await lastEvent(store, stream), await currencyIn(store, stream)];
  if (last === undefined || currency === undefined) return;
  const first = from === undefined ? 0 : await firstRevisionAt(store, last, (recordedAt) => recordedAt >= from);
  const end = to === undefined ? last.revision + 1 : await firstRevisionAt(store, last, (recordedAt) => recordedAt >= to);
  const before = first === 0 ? undefined : await eventAt(store, stream, first - 1);
  const balance = before === undefined ? '0' : balanceAfter(before);
  books.set(tenant, { currency, balance, isOpened: from === undefined });
  if (end > first) yield* store.readStream(stream, { fromRevision: first, maxCount: end - first });
}

/** @throws Error where a stream does not begin with the account's opening: it is no ledger of ours. */
function opened(stored: RecordedEvent, event: LedgerEvent, isOpened: boolean): Books {
  if (event.type === 'AccountOpened.v1') return { currency: event.data.currency, balance: '0', isOpened };
  throw new Error(`${stored.stream} begins with ${event.type} at revision ${stored.revision}, not with its opening`);
}

function openingOf(tenant: string, { currency, balance }: Books, at: Instant): Opening {
  return { kind: 'opening', tenant, currency, at, balance };
}

function postingOf(stored: RecordedEvent, event: LedgerEvent, currency: string): Posting | undefined {
  const { data } = event;
  if (!('posting' in data) || data.posting === null) return undefined;
  const { revision, id: eventId, type, metadata } = stored;
  const { recordedAt, effectiveAt, balance, tenant } = data;
  const { amount, debit, credit } = data.posting;
  const place = { tenant, currency, revision, eventId, hash: String(metadata['hash'] ?? ''), type };
  const facts = factsOf(event);
  return { kind: 'posting', ...place, recordedAt, effectiveAt, amount, debit, credit, balance, ...facts };
}

/** How a posting moves the tenant's balance: below zero where its credit is debited. */
export function tenantMovement({ amount, credit }: Posting): string {
  return credit === 'tenant-credit' ? amount : decimalOf(-microsOf(amount));
}
