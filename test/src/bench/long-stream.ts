// Bench and tests of long reads: a number of events in; an event store out that makes one tenant's stream of them on demand, since ten
// million real ones would take twenty gigabytes. Each read makes the JSON text of its events and parses it, as an engine's adapter does.
//
// The balance after each follows from its revision alone: a purchase in a thousand, calls otherwise. Most calls are recorded within
// minutes of their answer; one in a hundred comes up to a month late.

import { EventStoreError, type EventStore, type RecordedEvent, type ReadStreamOptions } from '@tollkeeper/event-store';
import { idOfHash, streamOf } from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import type { PlacedLedgerEvent } from '@tollkeeper/projections';

export const LONG_TENANT = 'long';
/** Ten million of them are a year. */
export const LONG_EVERY_MS = 3_000;
export const LONG_START_MS = Date.parse('2026-01-01T00:00:00.000Z');

const PAGE_EVENTS = 1_000;
const PURCHASE_EVERY = 1_000;
const LATE_EVERY = 100;
const PURCHASE_MICROS = 20_000_000n;
const CALL_MICROS = 12_300n;
const MOST_LATE_MS = 30 * 86_400_000;
const MOST_USUAL_MS = 600_000;
/** What a debit holds beside the facts that are made here: the size of a real one. */
const CHARGE = {
  amount: '0.0123',
  billedUsageSeconds: 61,
  category: 'outbound',
  connectFee: '0',
  currency: 'EUR',
  decimals: 4,
  deckHash: 'cd'.repeat(32),
  destination: 'Germany - Mobile',
  gross: '61/5000',
  maxCost: null,
  plan: 'default',
  prefix: '4915',
  rounding: 'up',
  rows: [63],
  segments: [{ fromSecond: 0, incrementSeconds: 1, rate: '0.012', rateUnitSeconds: 60, row: 63, seconds: 61 }],
  usageMs: 61_000,
};
const REPORT = Object.fromEntries(
  ['capability', 'country', 'domestic', 'location', 'numberType', 'objectId'].map((name) => [name, 'of the twenty columns']),
);

/** Events of this stream are `everyMs` apart. */
export function longStream(events: number, everyMs = LONG_EVERY_MS): EventStore {
  const stream = streamOf(LONG_TENANT);
  const read = async function* (from: number, until: number): AsyncGenerator<readonly RecordedEvent[]> {
    for (let first = from; first < until; first += PAGE_EVENTS) {
      const length = Math.min(PAGE_EVENTS, until - first);
      yield Array.from({ length }, (_, at) => eventOf(first + at, everyMs));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    kind: 'made on demand',
    maxAppendBytes: 0,
    append: () => Promise.reject(new EventStoreError('unavailable', 'this stream is only read')),
    readStream(name: string, { fromRevision, maxCount = Infinity, backwards = false }: ReadStreamOptions = {}) {
      if (name !== stream) return read(0, 0);
      if (backwards) return read(fromRevision ?? events - 1, Math.min(events, (fromRevision ?? events - 1) + 1));
      return read(fromRevision ?? 0, Math.min(events, (fromRevision ?? 0) + maxCount));
    },
    readAll: () => read(0, events),
    subscribe: () => read(0, 0) as never,
    ping: async () => undefined,
    close: async () => undefined,
  };
}

/** What stands at the revision, before any engine has written it down. */
export function longEvent(revision: number, everyMs: number): PlacedLedgerEvent {
  const [type, data] = madeAt(revision, everyMs);
  return { type, data, tenant: LONG_TENANT, revision, position: BigInt(revision + 1) } as unknown as PlacedLedgerEvent;
}

function madeAt(revision: number, everyMs: number): Made {
  if (revision === 0) return openedOf();
  return isPurchase(revision) ? purchaseOf(revision, everyMs) : debitOf(revision, everyMs);
}

function eventOf(revision: number, everyMs: number): RecordedEvent {
  const [type, data] = madeAt(revision, everyMs);
  const stream = streamOf(LONG_TENANT);
  const stored = JSON.parse(JSON.stringify(data)) as RecordedEvent['data'];
  const digits = revision.toString(16).padStart(64, '0');
  const metadata = { hash: digits, previousHash: digits };
  return { stream, revision, position: BigInt(revision + 1), id: idOfHash(digits), type, data: stored, metadata };
}

function isPurchase(revision: number): boolean {
  return revision % PURCHASE_EVERY === 1;
}

function balanceMicrosAt(revision: number): bigint {
  const purchases = revision < 1 ? 0 : Math.floor((revision - 1) / PURCHASE_EVERY) + 1;
  return BigInt(purchases) * PURCHASE_MICROS - BigInt(Math.max(0, revision - purchases)) * CALL_MICROS;
}

type Made = readonly [type: string, data: object];

function openedOf(): Made {
  const at = new Date(LONG_START_MS).toISOString();
  const money = { available: '0', balance: '0', currency: 'EUR' };
  return [
    'AccountOpened.v1',
    { ...money, effectiveAt: at, intakeWindowDays: 35, plan: 'default', recordedAt: at, tenant: LONG_TENANT },
  ];
}

function purchaseOf(revision: number, everyMs: number): Made {
  const amount = decimalOf(PURCHASE_MICROS);
  const recordedAt = new Date(LONG_START_MS + revision * everyMs).toISOString();
  const purchaseId = `purchase-${revision}`;
  return [
    'CreditPurchased.v1',
    {
      amount,
      ...balancesAt(revision),
      effectiveAt: recordedAt,
      lot: { amount, expiresAt: '2030-01-01T00:00:00.000Z', lotId: purchaseId },
      origin: { kind: 'invoice', reference: `INV-${revision}` },
      overdraftRepaid: '0',
      posting: { amount, credit: 'tenant-credit', debit: 'cash-clearing' },
      purchaseId,
      recordedAt,
      tenant: LONG_TENANT,
    },
  ];
}

function debitOf(revision: number, everyMs: number): Made {
  const recordedMs = LONG_START_MS + revision * everyMs;
  // Spread without a random number, so that an event is the same each time it is read.
  const spread = ((revision * 7_919) % 10_007) / 10_007;
  const agoMs = Math.floor(revision % LATE_EVERY === 7 ? spread * MOST_LATE_MS : spread ** 3 * MOST_USUAL_MS);
  const [effectiveAt, recordedAt] = [recordedMs - agoMs, recordedMs].map((atMs) => new Date(atMs).toISOString());
  const amount = decimalOf(CALL_MICROS);
  return [
    'CallDebited.v1',
    {
      amount,
      ...balancesAt(revision),
      cdr: cdrOf(revision, effectiveAt ?? ''),
      charge: CHARGE,
      coverage: 'credit',
      currency: 'EUR',
      effectiveAt,
      lots: [{ amount, lotId: 'purchase-1' }],
      overdraft: '0',
      parties: `v1.2026-01.${'s'.repeat(220)}`,
      pool: null,
      posting: { amount, credit: 'call-revenue', debit: 'tenant-credit' },
      recordedAt,
      releases: null,
      replaces: null,
      report: REPORT,
      rest: null,
      tenant: LONG_TENANT,
      unauthorised: null,
    },
  ];
}

function balancesAt(revision: number): { readonly available: string; readonly balance: string } {
  const balance = decimalOf(balanceMicrosAt(revision));
  return { available: balance, balance };
}

function cdrOf(revision: number, answerTime: string): object {
  return {
    answerTime,
    callId: `call-${revision}`,
    conferenceId: null,
    endTime: answerTime,
    fingerprint: `1:${'ab'.repeat(16)}`,
    format: 'canonical',
    generation: 0,
    id: `cdr-${revision}`,
    origin: { kind: 'bus', offset: String(revision), partition: 0, topic: 'telephony.cdr.v1' },
    parserVersion: 1,
    rawSha256: 'ab'.repeat(32),
    sessionId: null,
    setupTime: answerTime,
    source: 'sbc-paris',
    switchUsage: '61',
    tenantRule: 'account:long',
    usageMs: 61_000,
  };
}
