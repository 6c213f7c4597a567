// For tests of the API: a call rated by the plan's active deck, sealed and debited as rating does it, with the bytes that it came from on
// the bus.

import { hash } from 'node:crypto';
import { DEFAULT_SOURCE, fingerprintOf, isCdrRejection, isRatingRejection, parseCdrs, rate } from '@tollkeeper/rating';
import { cdr, TOPIC, type TestApi } from './fixtures.js';
import { API_PARTS, type ApiParts } from './parts.js';

export type DebitedCall = {
  readonly id: string;
  readonly source?: string;
  readonly called?: string;
  readonly answerTime?: string;
  readonly usageMs?: number;
};

export async function debitCall(api: TestApi, tenant: string, asked: DebitedCall): Promise<void> {
  const { id, source = 'default', called = '+33123456789', answerTime = '2026-03-03T11:50:00.000Z', usageMs = 61_000 } = asked;
  const answerTimeMs = Date.parse(answerTime);
  const endTime = new Date(answerTimeMs + usageMs).toISOString();
  const value = Buffer.from(JSON.stringify(cdr({ id, tenant, calledNumber: called, answerTime, endTime })));
  await api.bus.publish(TOPIC, [{ key: tenant, value, headers: {} }]);
  const message = (await api.published()).findLast((published) => published.value?.equals(value));
  const parsed = parseCdrs(value, { ...DEFAULT_SOURCE, name: source });
  if (message === undefined || isCdrRejection(parsed) || parsed.cdrs[0] === undefined) throw new Error(`${id} cannot be read`);
  const { decks } = api.app.get<ApiParts>(API_PARTS);
  await decks.ready;
  const deck = await decks.deck(decks.hashAt('default', answerTimeMs) ?? '');
  const charge = rate(
    { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: called, answerTimeMs, usageMs },
    deck,
  );
  if (isRatingRejection(charge)) throw new Error(charge.reason);
  const month = answerTime.slice(0, 'YYYY-MM'.length);
  await api.ring.prepare([{ tenant, month }]);
  const facts = {
    answerTime,
    callId: null,
    conferenceId: null,
    endTime,
    fingerprint: fingerprintOf(parsed.cdrs[0]),
    format: 'canonical-json',
    generation: 0,
    id,
    origin: { kind: 'bus', offset: String(message.offset), partition: message.partition, topic: TOPIC },
    parserVersion: 1,
    rawSha256: hash('sha256', value, 'hex'),
    sessionId: null,
    setupTime: null,
    source,
    switchUsage: null,
    tenantRule: 'tenant-field',
    usageMs,
  } as const;
  const parties = api.ring.seal(tenant, month, `${source}\u0000${id}`, { called, calling: '+33140000001' });
  await api.execute(tenant, { kind: 'debit-call', nowMs: api.clock.nowMs, cdr: facts, charge, parties, report: {} });
}
