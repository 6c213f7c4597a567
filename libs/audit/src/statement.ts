// Audit, statement: a tenant's stream and a period in, the account as a person reads it out, page by page. The period is by when the
// ledger took things down, since the balances follow one another in that order; a call stands where it was debited.

import { lastEvent, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { decode, streamOf, type CallDebited } from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import { BALANCE_PARTS, balancePartOf, movementOf, type BalancePart } from '@tollkeeper/projections';
import { SealingError, type KeyRing } from '@tollkeeper/sealing';
import { balanceAfter, currencyIn, eventAt, firstRevisionAt, instantOf, type Instant } from './as-of-revision.js';
import type { Consists } from './as-of-sums.js';
import { wordsOf } from './statement-words.js';

export type StatementOptions = {
  readonly tenant: string;
  /** By `recordedAt`: from then on, and before then. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Opens the called numbers; without it they stay sealed. */
  readonly ring?: Pick<KeyRing, 'unseal'>;
};

export type StatementCall = {
  readonly source: string;
  readonly cdrId: string;
  readonly generation: number;
  readonly answeredAt: Instant;
  readonly destination: string;
  readonly usageMs: number;
  /** The called number, null where it cannot be told. */
  readonly called: string | null;
  readonly number: 'open' | 'sealed' | 'erased';
};

export type StatementEntry = {
  readonly revision: number;
  readonly recordedAt: Instant;
  readonly effectiveAt: Instant;
  readonly type: string;
  readonly what: string;
  readonly detail: string;
  readonly call: StatementCall | null;
  /** How the balance moved: below zero for what was taken. */
  readonly amount: string;
  readonly balance: string;
};

export type StatementTotals = {
  readonly closing: string;
  /** Entries of the statement, and calls among them. */
  readonly entries: number;
  readonly calls: number;
  readonly movements: Consists;
};

export type Statement = {
  readonly tenant: string;
  readonly currency: string;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly opening: string;
  /** Once. */
  readonly pages: AsyncIterable<readonly StatementEntry[]>;
  /** Of the entries that were read, so it is asked for after the last page. */
  totals(): StatementTotals;
};

/** Undefined when the tenant has no account. */
export async function statementOf(store: EventStore, options: StatementOptions): Promise<Statement | undefined> {
  const { tenant, fromMs, toMs, ring } = options;
  const stream = streamOf(tenant);
  const [last, currency] = [await lastEvent(store, stream), await currencyIn(store, stream)];
  if (last === undefined || currency === undefined) return undefined;
  const [from, to] = [fromMs, toMs].map((atMs) => (atMs === undefined ? null : instantOf(atMs))) as [
    Instant | null,
    Instant | null,
  ];
  const first = from === null ? 0 : await firstRevisionAt(store, last, (recordedAt) => recordedAt >= from);
  const end = to === null ? last.revision + 1 : await firstRevisionAt(store, last, (recordedAt) => recordedAt >= to);
  const before = first === 0 ? undefined : await eventAt(store, stream, first - 1);
  const opening = before === undefined ? '0' : balanceAfter(before);
  const sums = new StatementSums(opening);
  async function* pages(): AsyncGenerator<readonly StatementEntry[]> {
    if (end <= first) return;
    for await (const page of store.readStream(stream, { fromRevision: first, maxCount: end - first })) {
      const entries: StatementEntry[] = [];
      for (const stored of page) {
        const entry = await entryOf(stored, tenant, ring);
        sums.add(stored, entry);
        if (entry !== undefined) entries.push(entry);
      }
      yield entries;
    }
  }
  return { tenant, currency, from, to, opening, pages: pages(), totals: () => sums.totals };
}

class StatementSums {
  readonly #movements = new Map<BalancePart, bigint>();
  #entries = 0;
  #calls = 0;

  constructor(private closing: string) {}

  add(stored: RecordedEvent, entry: StatementEntry | undefined): void {
    const event = decode(stored);
    const part = balancePartOf(event);
    if (part !== undefined) this.#movements.set(part, (this.#movements.get(part) ?? 0n) + movementOf(event));
    this.closing = event.data.balance;
    if (entry === undefined) return;
    this.#entries += 1;
    if (event.type === 'CallDebited.v1' && event.data.replaces === null) this.#calls += 1;
  }

  get totals(): StatementTotals {
    const movements = Object.fromEntries(BALANCE_PARTS.map((part) => [part, decimalOf(this.#movements.get(part) ?? 0n)]));
    return { closing: this.closing, entries: this.#entries, calls: this.#calls, movements: movements as Consists };
  }
}

async function entryOf(
  stored: RecordedEvent,
  tenant: string,
  ring: StatementOptions['ring'],
): Promise<StatementEntry | undefined> {
  const event = decode(stored);
  const words = wordsOf(event);
  if (words === undefined) return undefined;
  const { recordedAt, effectiveAt, balance } = event.data;
  const call = event.type === 'CallDebited.v1' ? await callOf(event.data, tenant, ring) : null;
  const { what, detail } = words;
  const amount = decimalOf(movementOf(event));
  return { revision: stored.revision, recordedAt, effectiveAt, type: event.type, what, detail, call, amount, balance };
}

async function callOf(data: CallDebited, tenant: string, ring: StatementOptions['ring']): Promise<StatementCall> {
  const { cdr, charge, effectiveAt: answeredAt } = data;
  const { source, id: cdrId, generation, usageMs } = cdr;
  const destination = String(charge['destination'] ?? '');
  return { source, cdrId, generation, answeredAt, destination, usageMs, ...(await calledIn(data, tenant, ring)) };
}

async function calledIn(
  { cdr, parties }: CallDebited,
  tenant: string,
  ring: StatementOptions['ring'],
): Promise<Pick<StatementCall, 'called' | 'number'>> {
  if (ring === undefined) return { called: null, number: 'sealed' };
  try {
    const opened = await ring.unseal(tenant, `${cdr.source}\u0000${cdr.id}`, parties);
    if (opened === 'erased') return { called: null, number: 'erased' };
    return { called: (opened as { readonly called?: string | null }).called ?? null, number: 'open' };
  } catch (error) {
    // Whether every seal can be opened is for verify to tell; here the sums matter. A store that is down is another matter.
    if (error instanceof SealingError && !error.retryable) return { called: null, number: 'sealed' };
    throw error;
  }
}
