// Crash test's judge of the streams: stored events come in; gaps, balances that do not follow and broken chains go out.

import { hash } from 'node:crypto';
import { Decimal } from 'decimal.js';
import type { Finding, StoredEvent } from './observed.js';

const NO_HASH = '0'.repeat(64);

export function streamsOf(events: readonly StoredEvent[]): ReadonlyMap<string, readonly StoredEvent[]> {
  const streams = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const stream = streams.get(event.stream);
    if (stream === undefined) streams.set(event.stream, [event]);
    else stream.push(event);
  }
  return streams;
}

export function movementOf({ type, data }: StoredEvent): Decimal {
  if (type === 'CallDebited.v1' || type === 'LotExpired.v1') return new Decimal(data.amount ?? 'NaN').neg();
  return new Decimal(type === 'CreditPurchased.v1' ? (data.amount ?? 'NaN') : 0);
}

/** What calls in progress hold after the event, by session: the last word on each, until it is released. */
function heldAfter(holds: Map<string, Decimal>, { type, data }: StoredEvent): Decimal {
  const { sessionId, releases, cdr, amount } = data;
  if (type === 'ReservationExpired.v1') holds.delete(sessionId ?? '');
  else if (type.startsWith('Reservation')) holds.set(sessionId ?? '', new Decimal(amount ?? 'NaN'));
  if (type === 'CallDebited.v1' && releases) holds.delete(cdr?.sessionId ?? '');
  return [...holds.values()].reduce((sum, one) => sum.add(one), new Decimal(0));
}

/**
 * Revisions 0, 1, 2 … with none missing, and at each the balance before ± the amount is the balance after, and less what is held the
 * available one.
 */
export function auditSteps(events: readonly StoredEvent[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [stream, own] of streamsOf(events)) {
    let balance = new Decimal(0);
    const holds = new Map<string, Decimal>();
    let recordedAt = '';
    for (const [at, event] of own.entries()) {
      const { revision, type, data } = event;
      const place = `${stream}@${revision}`;
      if (revision !== at) findings.push({ kind: 'gap', what: `${place} stands where revision ${at} should` });
      if ((at === 0) !== (type === 'AccountOpened.v1')) findings.push({ kind: 'gap', what: `${place} is ${type}` });
      const after = balance.add(movementOf(event));
      const available = after.sub(heldAfter(holds, event));
      if (!after.eq(data.balance) || !available.eq(data.available)) {
        const says = `balance ${data.balance}, available ${data.available}`;
        findings.push({
          kind: 'balance-step',
          what: `${place} says ${says}; ${after.toFixed()} and ${available.toFixed()} follow from its predecessor`,
        });
      }
      if (data.recordedAt < recordedAt) findings.push({ kind: 'gap', what: `${place} was recorded before its predecessor` });
      if (`credit-${data.tenant}` !== stream) findings.push({ kind: 'unexpected', what: `${place} is of ${data.tenant}` });
      recordedAt = data.recordedAt;
      balance = new Decimal(data.balance);
    }
  }
  return findings;
}

/** Each event's hash covers its content, place and predecessor's hash; its id is made of it. */
export function auditChains(events: readonly StoredEvent[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [stream, own] of streamsOf(events)) {
    let previousHash = NO_HASH;
    for (const { revision, type, id, data, metadata } of own) {
      const wanted = hash('sha256', sortedJson({ data, metadata: { previousHash }, revision, stream, type }), 'hex');
      const place = `${stream}@${revision}`;
      if (metadata.previousHash !== previousHash) {
        findings.push({ kind: 'chain', what: `${place} names another predecessor than the event before it` });
      } else if (metadata.hash !== wanted) {
        findings.push({ kind: 'chain', what: `${place} was changed after it was hashed` });
      } else if (id !== uuid8Of(wanted)) {
        findings.push({ kind: 'chain', what: `${place} has id ${id}, which is not made of its hash` });
      }
      previousHash = metadata.hash ?? '';
    }
  }
  return findings;
}

/** RFC 8785 for what the ledger writes: text, whole numbers, booleans, null. */
export function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, held]) => `${JSON.stringify(name)}:${sortedJson(held)}`).join(',')}}`;
}

/** The first 128 bits, with version 8 and the RFC 9562 variant written over six of them. */
export function uuid8Of(hex: string): string {
  const bytes = Buffer.from(hex.slice(0, 32), 'hex');
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
