// Calls step: ledger events → one row per recorded CDR with what a person looks for and what the usage report tells, as its latest
// generation stands. Who spoke stays sealed.

import type { CallDebited, CdrFacts } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

export type CallRow = {
  /** Tenant, source, CDR id and when the call counts: see `callKeyOf`. */
  readonly call_key: string;
  readonly tenant: string;
  readonly source: string;
  readonly cdr_id: string;
  /** That the CDR was read in: its ids mean what that format's do. */
  readonly format: string;
  readonly call_id: string | null;
  readonly conference_id: string | null;
  /** The instant that the call counts at: its answer, or its setup when it was never answered. */
  readonly answered_at: string;
  readonly setup_at: string | null;
  readonly end_at: string | null;
  readonly usage_ms: number;
  /** 0 for a call that costs nothing by its nature; it has no category and no destination. */
  readonly billable: number;
  readonly category: string;
  readonly prefix: string;
  readonly destination: string;
  readonly currency: string;
  /** What the credit was debited with. */
  readonly amount: string;
  /** The part of `amount` that is the connect fee. */
  readonly connect_charge: string;
  readonly coverage: string;
  readonly pool_ms: number;
  /** The code that an authorisation would have refused the call with. */
  readonly unauthorised: string | null;
  /** JSON: what the switch told for the usage report alone. */
  readonly report: string;
  /** Sealed; null once it was erased. */
  readonly parties: string | null;
  readonly generation: number;
  /** Of the event that wrote the row last. */
  readonly revision: number;
  readonly recorded_at: string;
};

type CallEvent = Extract<PlacedLedgerEvent, { type: 'CallDebited.v1' | 'CallNotBillable.v1' | 'CallReversed.v1' }>;

const NOTHING_PAID = { amount: '0', connect_charge: '0', coverage: '', pool_ms: 0 };
const UNRATED = { category: '', prefix: '', destination: '', currency: '', unauthorised: null, report: '{}' };

export const calls: ReadModel<CallRow> = {
  name: 'calls',
  keyOf: (event) => (isCall(event) ? callKeyOf(event.tenant, event.data.cdr, event.data.effectiveAt) : undefined),
  fold(row, event) {
    if (!isCall(event)) throw new Error(`calls of ${event.tenant}: ${event.type} is no call`);
    const { revision, data } = event;
    const when = { revision, recorded_at: data.recordedAt };
    switch (event.type) {
      case 'CallDebited.v1':
        return { ...factsOf(event), ...pricedBy(event.data), ...when };
      case 'CallNotBillable.v1':
        return { ...factsOf(event), ...UNRATED, ...NOTHING_PAID, billable: 0, ...when };
      case 'CallReversed.v1':
        if (row === undefined)
          throw new Error(`calls of ${event.tenant}: revision ${revision} turns round a debit that is not there`);
        return { ...row, ...NOTHING_PAID, ...when };
    }
  },
};

/**
 * A switch may use a CDR id again once the intake window has forgotten it: the two calls count at different instants. Tenants have no
 * blanks in their names; whatever is in the others, the source's length tells where it ends.
 */
export function callKeyOf(tenant: string, { source, id }: Pick<CdrFacts, 'id' | 'source'>, countsAt: string): string {
  return `${tenant} ${source.length} ${source} ${id} ${countsAt}`;
}

function factsOf({ tenant, data }: Exclude<CallEvent, { type: 'CallReversed.v1' }>) {
  const { cdr, effectiveAt, parties } = data;
  return {
    call_key: callKeyOf(tenant, cdr, effectiveAt),
    tenant,
    source: cdr.source,
    cdr_id: cdr.id,
    format: cdr.format,
    call_id: cdr.callId,
    conference_id: cdr.conferenceId,
    answered_at: effectiveAt,
    setup_at: cdr.setupTime,
    end_at: cdr.endTime,
    usage_ms: cdr.usageMs,
    parties,
    generation: cdr.generation,
  };
}

function pricedBy({ amount, charge, coverage = 'credit', currency, pool, report, rest, unauthorised }: CallDebited) {
  const { category, prefix, destination, connectFee } = charge as Readonly<Record<string, string>>;
  const paidConnectFee = coverage === 'credit' || rest?.connectFee === true ? (connectFee ?? '0') : '0';
  return {
    billable: 1,
    category: category ?? '',
    prefix: prefix ?? '',
    destination: destination ?? '',
    currency,
    amount,
    // A maximum cost, or a call of no length, can make the whole less than the fee.
    connect_charge: microsOf(amount) < microsOf(paidConnectFee) ? amount : paidConnectFee,
    coverage,
    pool_ms: pool?.usedMs ?? 0,
    unauthorised,
    report: JSON.stringify(report),
  };
}

function isCall(event: PlacedLedgerEvent): event is CallEvent {
  return event.type === 'CallDebited.v1' || event.type === 'CallReversed.v1' || event.type === 'CallNotBillable.v1';
}
