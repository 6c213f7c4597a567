// Crash test's judge: what was planned and what was found come in; everything that does not fit goes out, named. It shares no
// code with the product: its own prices, its own hashes, its own replay.

import { hash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { Fate, Load } from './load.js';
import { auditChains, auditSteps } from './oracle-ledger.js';
import { originalPlaceOf, reasonOf } from './oracle-letters.js';
import { auditMessages } from './oracle-messages.js';
import { auditPayments } from './oracle-payments.js';
import { auditRows } from './oracle-rows.js';
import type { Finding, Observed, SeenMessage, StoredEvent } from './observed.js';

export type Verdict = {
  readonly findings: readonly Finding[];
  readonly lost: number;
  readonly double: number;
  readonly distinctCdrs: number;
  readonly redeliveries: number;
};

export function audit(load: Load, observed: Observed): Verdict {
  const findings = [
    ...auditCdrs(load, observed),
    ...auditSums(load, observed),
    ...auditPurchases(load, observed),
    ...auditDeadLetters(load, observed),
    ...auditSteps(observed.events),
    ...auditChains(observed.events),
    ...auditPayments(observed),
    ...auditMessages(observed),
    ...auditRows(observed),
  ];
  const count = (kind: Finding['kind']): number => findings.filter((finding) => finding.kind === kind).length;
  const distinct = new Set(observed.cdrs.map(({ value }) => value)).size;
  return {
    findings,
    lost: count('lost'),
    double: count('double'),
    distinctCdrs: distinct,
    redeliveries: observed.cdrs.length - distinct,
  };
}

const RECORDED_AS = { debit: 'CallDebited.v1', 'not-billable': 'CallNotBillable.v1' } as const;

/** Every CDR that should be recorded is, once, as what it should be, for the reference's amount and from its very bytes. */
function auditCdrs(load: Load, { events }: Observed): readonly Finding[] {
  const findings: Finding[] = [];
  const recorded = new Map<string, StoredEvent[]>();
  for (const event of events) {
    if (event.data.cdr === undefined) continue;
    const { source, id, generation } = event.data.cdr;
    push(recorded, JSON.stringify([event.data.tenant, source, id, generation]), event);
  }
  for (const { value, fate } of new Set(load.messages)) {
    if (fate.kind === 'dead-letter') continue;
    const key = JSON.stringify([fate.tenant, fate.source, fate.cdrId, 0]);
    const found = recorded.get(key) ?? [];
    recorded.delete(key);
    const [event] = found;
    if (event === undefined) {
      findings.push({ kind: 'lost', what: `CDR ${fate.cdrId} of ${fate.tenant} stands nowhere` });
      continue;
    }
    if (found.length > 1) findings.push({ kind: 'double', what: `CDR ${fate.cdrId}: ${found.map(placeOf).join(', ')}` });
    findings.push(...auditRecorded(event, fate, value));
  }
  for (const found of recorded.values()) {
    findings.push({
      kind: 'unexpected',
      what: `${found.map(placeOf).join(', ')}: CDR ${found[0]?.data.cdr?.id} was never planned`,
    });
  }
  return findings;
}

function auditRecorded(event: StoredEvent, fate: Exclude<Fate, { kind: 'dead-letter' }>, value: string): readonly Finding[] {
  const findings: Finding[] = [];
  const { type, data } = event;
  if (type !== RECORDED_AS[fate.kind])
    findings.push({ kind: 'unexpected', what: `${placeOf(event)} is ${type}, not ${fate.kind}` });
  if (fate.kind === 'debit' && !new Decimal(data.amount ?? 'NaN').eq(fate.amount)) {
    findings.push({ kind: 'wrong-amount', what: `${placeOf(event)}: ${data.amount}; the reference says ${fate.amount}` });
  }
  if (data.cdr?.rawSha256 !== hash('sha256', value, 'hex')) {
    findings.push({ kind: 'unexpected', what: `${placeOf(event)}: CDR ${fate.cdrId} was recorded from other bytes` });
  }
  return findings;
}

/** Σ debits of a tenant = Σ reference charges. */
function auditSums(load: Load, { events }: Observed): readonly Finding[] {
  const wanted = new Map<string, Decimal>();
  const debited = new Map<string, Decimal>();
  const add = (sums: Map<string, Decimal>, tenant: string, amount: string): void => {
    sums.set(tenant, (sums.get(tenant) ?? new Decimal(0)).add(amount));
  };
  for (const { fate } of new Set(load.messages)) if (fate.kind === 'debit') add(wanted, fate.tenant, fate.amount);
  for (const { type, data } of events) if (type === 'CallDebited.v1') add(debited, data.tenant, data.amount ?? '0');
  const findings: Finding[] = [];
  for (const [tenant, sum] of wanted) {
    const found = debited.get(tenant) ?? new Decimal(0);
    if (!found.eq(sum))
      findings.push({ kind: 'wrong-amount', what: `${tenant} was debited ${found.toFixed()} in all, not ${sum.toFixed()}` });
  }
  return findings;
}

/** Every invoice is credited once, and nothing else is credited but recharges. */
function auditPurchases(load: Load, { events }: Observed): readonly Finding[] {
  const findings: Finding[] = [];
  const credited = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const { origin, tenant, purchaseId } = event.data;
    if (event.type === 'CreditPurchased.v1' && origin?.kind === 'invoice') push(credited, `${tenant} ${purchaseId}`, event);
  }
  const opening = load.tenants.flatMap(({ tenant, firstPurchase }) =>
    firstPurchase === null ? [] : [{ tenant, purchaseId: 'first', amount: firstPurchase }],
  );
  for (const { tenant, purchaseId, amount } of [...opening, ...load.purchases]) {
    const key = `${tenant} ${purchaseId}`;
    const found = credited.get(key) ?? [];
    credited.delete(key);
    if (found.length === 0) findings.push({ kind: 'lost', what: `purchase ${purchaseId} of ${tenant} was never credited` });
    if (found.length > 1) findings.push({ kind: 'double', what: `purchase ${purchaseId}: ${found.map(placeOf).join(', ')}` });
    for (const event of found) {
      if (new Decimal(event.data.amount ?? 'NaN').eq(amount)) continue;
      findings.push({ kind: 'wrong-amount', what: `${placeOf(event)}: ${event.data.amount} for a purchase of ${amount}` });
    }
  }
  for (const found of credited.values()) {
    findings.push({ kind: 'unexpected', what: `${found.map(placeOf).join(', ')}: purchase was never made` });
  }
  return findings;
}

/** Debits + not billable + dead letters = unique inputs: each place of a bad message has a letter, and no good one has. */
function auditDeadLetters(load: Load, { cdrs, deadLetters }: Observed): readonly Finding[] {
  const findings: Finding[] = [];
  const planned = new Map([...new Set(load.messages)].map((message) => [message.value, message]));
  const letters = new Map<string, SeenMessage[]>();
  for (const letter of deadLetters) push(letters, originalPlaceOf(letter), letter);
  const seen = new Set<string>();
  for (const { place, value, key } of cdrs) {
    seen.add(value);
    const message = planned.get(value);
    const found = letters.get(place) ?? [];
    letters.delete(place);
    if (message === undefined) {
      findings.push({ kind: 'unexpected', what: `${place} holds a message that nobody published` });
      continue;
    }
    const wanted = message.fate.kind === 'dead-letter' ? message.fate.code : undefined;
    if (wanted === undefined && found.length > 0) {
      findings.push({ kind: 'dead-letter', what: `${place}, a good CDR, was put aside: ${reasonOf(found[0])}` });
    }
    if (wanted !== undefined && found.length === 0) {
      findings.push({ kind: 'dead-letter', what: `${place} should have been put aside as ${wanted}` });
    }
    for (const letter of wanted === undefined ? [] : found) {
      const intact = letter.value === value && letter.key === key;
      if (!intact) findings.push({ kind: 'dead-letter', what: `${letter.place}: key or bytes of ${place} are not intact` });
      if (!reasonOf(letter).startsWith(`${wanted}: `)) {
        findings.push({ kind: 'dead-letter', what: `${place} was put aside as ${reasonOf(letter)}, not as ${wanted}` });
      }
    }
  }
  for (const place of letters.keys()) findings.push({ kind: 'dead-letter', what: `${place}: a letter without an original` });
  for (const [value, { key }] of planned) {
    if (!seen.has(value))
      findings.push({ kind: 'lost', what: `a message of ${key} was never on the topic: ${value.slice(0, 60)}` });
  }
  return findings;
}

function placeOf({ stream, revision }: StoredEvent): string {
  return `${stream}@${revision}`;
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
