// Explanation, the whole: a CDR id in, the call explained from raw bytes to money out, or the calls among which to choose.

import type { ChargeRecord } from '@tollkeeper/charge';
import type { RecordedEvent } from '@tollkeeper/event-store';
import { decode, type CallDebited } from '@tollkeeper/ledger';
import type { KeyRing } from '@tollkeeper/sealing';
import { callHistory, type CallHistory } from './call-history.js';
import { faultsOfEntries } from './entries.js';
import type { Explanation, PastEvent, Pricing } from './explanation.js';
import { fieldsOf } from './fields.js';
import { findCalls, type CallQuery, type FindingParts, type FoundCall } from './find-call.js';
import { rawRecord, type RawParts } from './raw-record.js';
import { pricedSegments, redoneSum } from './redo-sum.js';
import { summaryOf, tenantRuleText } from './sentences.js';
import { tariffOf, type TariffParts } from './tariff.js';

export type ExplainParts = FindingParts &
  RawParts & {
    readonly decks: TariffParts;
    readonly ring: Pick<KeyRing, 'unseal'>;
  };

/** `none`: no such CDR was recorded. `several`: the id was given by other tenants or sources as well, or used again. */
export type Explained =
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly calls: readonly FoundCall[] };

export async function explainCall(parts: ExplainParts, query: CallQuery): Promise<Explained> {
  const calls = await findCalls(parts, query);
  const [only] = calls;
  if (only === undefined) return { kind: 'none' };
  if (calls.length > 1) return { kind: 'several', calls };
  return { kind: 'explained', explanation: await explanationOf(parts, only, await callHistory(parts.eventStore, only)) };
}

async function explanationOf(parts: ExplainParts, { tenant, source }: FoundCall, history: CallHistory): Promise<Explanation> {
  const { stored, event } = history.call;
  const { cdr, parties, balance, available, effectiveAt, recordedAt } = event.data;
  const { raw, cdr: parsed, faults: rawFaults } = await rawRecord(parts, cdr);
  const persons = await parts.ring.unseal(tenant, `${source}\u0000${cdr.id}`, parties);
  const debit = event.type === 'CallDebited.v1' ? event.data : undefined;
  const { faults: priceFaults, ...priced } = debit === undefined ? NOT_PRICED : await pricedParts(parts, debit);
  const report = debit?.report ?? {};
  return {
    tenant,
    source,
    id: cdr.id,
    revision: stored.revision,
    eventId: stored.id,
    hash: String(stored.metadata['hash']),
    previousHash: String(stored.metadata['previousHash']),
    generation: cdr.generation,
    answeredAt: effectiveAt,
    recordedAt,
    summary: summaryOf(history.call),
    raw,
    fields: fieldsOf(cdr, parsed, persons === 'erased' ? persons : { ...persons }, report),
    tenantRule: tenantRuleText(cdr.tenantRule),
    ...priced,
    balanceBefore: history.balanceBefore,
    balanceAfter: balance,
    availableAfter: available,
    history: history.events.map(pastEvent),
    faults: [...rawFaults, ...priceFaults, ...faultsOfEntries(history)],
  };
}

type Priced = Pick<Explanation, 'deck' | 'pricing' | 'coverage' | 'lots' | 'overdraft' | 'posting' | 'sum' | 'faults'>;

const NOT_PRICED: Priced = {
  deck: null,
  pricing: null,
  coverage: null,
  lots: [],
  overdraft: '0',
  posting: null,
  sum: null,
  faults: [],
};

async function pricedParts({ decks }: ExplainParts, debit: CallDebited): Promise<Priced> {
  const { coverage = 'credit', pool, rest = null, unauthorised, lots, overdraft, posting } = debit;
  const charge = debit.charge as unknown as ChargeRecord;
  const tariff = await tariffOf(decks, charge, debit.effectiveAt);
  const { sum, faults } = redoneSum(debit);
  return {
    deck: tariff.deck,
    pricing: pricingOf(charge),
    coverage: { kind: coverage, pool, rest, unauthorised },
    lots,
    overdraft,
    posting,
    sum,
    faults: [...tariff.faults, ...faults],
  };
}

function pricingOf({ segments, category, destination, prefix, currency, ...charge }: ChargeRecord): Pricing {
  const { billedUsageSeconds, connectFee, gross, maxCost, rounding, decimals, amount } = charge;
  const priced = pricedSegments(segments);
  const where = { category, destination, prefix, currency };
  return { ...where, billedUsageSeconds, segments: priced, connectFee, gross, maxCost, rounding, decimals, amount };
}

function pastEvent(stored: RecordedEvent): PastEvent {
  const { type, data } = decode(stored);
  if (type !== 'CallDebited.v1' && type !== 'CallReversed.v1' && type !== 'CallNotBillable.v1') {
    throw new Error(`${stored.stream} revision ${stored.revision} is no event of a call but ${type}`);
  }
  const amount = type === 'CallNotBillable.v1' ? '0' : data.amount;
  return { revision: stored.revision, type, generation: data.cdr.generation, amount, recordedAt: data.recordedAt };
}
