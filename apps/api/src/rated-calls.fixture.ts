// For tests of the API: calls rated by the deck that is active, with sealed numbers, debited as rating does it.

import { isRatingRejection, rate } from '@tollkeeper/rating';
import type { TestApi } from './fixtures.js';

export type TestCall = { readonly id: string; readonly called?: string; readonly answerTime?: string; readonly usageMs?: number };

/** By the version of the plan `default` that stands in the store. @param hash of the version */
export async function debitCall(api: TestApi, tenant: string, hash: string, asked: TestCall): Promise<void> {
  const { id, called = '+4930123456', answerTime = '2026-03-03T11:50:00.000Z', usageMs = 60_000 } = asked;
  const { readDeck } = await import('@tollkeeper/decks');
  const answerTimeMs = Date.parse(answerTime);
  const call = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: called, answerTimeMs, usageMs };
  const charge = rate(call, await readDeck(api.eventStore, hash));
  if (isRatingRejection(charge)) throw new Error(charge.reason);
  const [source, month] = ['sbc', answerTime.slice(0, 'YYYY-MM'.length)];
  await api.ring.prepare([{ tenant, month }]);
  const parties = api.ring.seal(tenant, month, `${source}\u0000${id}`, { called });
  const cdr = {
    answerTime,
    callId: null,
    conferenceId: null,
    endTime: null,
    fingerprint: `1:${id}`,
    format: 'canonical',
    generation: 0,
    id,
    origin: { kind: 'file', name: 'f', record: 1 },
    parserVersion: 1,
    rawSha256: 'ab'.repeat(32),
    sessionId: null,
    setupTime: null,
    source,
    switchUsage: null,
    tenantRule: 'rule',
    usageMs,
  } as const;
  await api.execute(tenant, { kind: 'debit-call', nowMs: api.clock.nowMs, cdr, charge, parties, report: {} });
}
