// What goes wrong around rating: it dies between append and commit, its topic is keyed by the call, another writer is on the
// account, a stream cannot be folded. Nothing is lost, nothing is debited twice, healthy tenants go on.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { streamOf } from '@tollkeeper/ledger';
import {
  aCall,
  auditStream,
  canonicalCdr,
  debitsOf,
  describeOnEngines,
  OPEN_WITHIN_MS,
  Stage,
  type Listener,
  type Program,
} from '../stage/index.js';
import { apiAt } from './http.js';

await describeOnEngines('rating under fault', (engines) => {
  let stage: Stage;
  let heard: Listener;
  let rating: Program;

  beforeAll(async () => {
    const sources = (topics: Stage['topics']) => [
      { name: 'switch', topics: [topics.cdr], trustTenantField: true },
      { name: 'sbc', topics: [topics.cdrByCall], keyedBy: 'other', trustTenantField: true },
    ];
    stage = await Stage.open({ name: 'under-fault', engines, sources });
    heard = await stage.listen('parked', 'deadLetters');
    await stage.openAccounts(
      ['redelivered', 'rekeyed', 'broken', 'healthy', 'contended'].map((name) => stage.tenant(name)),
      { credit: 10 },
    );
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  const factsOf = async (name: string) => auditStream(await stage.events(stage.tenant(name)));
  const rated = () => stage.until('the intake to be rated', async () => (await stage.lag()) === 0n);
  const callsOf = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => aCall({ id: `${name}-${n}`, tenant: stage.tenant(name), usageMs: 1_000 * (n + 1) }));

  test('killed between append and commit, it debits each call once', async () => {
    const calls = callsOf('redelivered', 20);
    rating = await stage.start('rating', { failpoint: 'rating.after-append' });
    await stage.publishCdrs(calls);
    expect(await rating.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect((await factsOf('redelivered')).debits.size).toBeGreaterThan(0);
    expect(await stage.lag()).toBe(20n);
    rating = await stage.start('rating');
    await rated();
    const facts = await factsOf('redelivered');
    expect([...facts.debits.values()]).toEqual(calls.map(() => 1));
    expect(facts.debitedSteps).toBe(debitsOf(calls).get(stage.tenant('redelivered')));
  });

  test('a topic keyed by the call is re-keyed, and the origin is kept', async () => {
    const calls = callsOf('rekeyed', 12);
    const messages = [...calls, ...calls].map((call) => ({ key: call.id, value: JSON.stringify(canonicalCdr(call)) }));
    await stage.bus.publish(stage.topics.cdrByCall, messages);
    await stage.until('twelve debits', async () => (await factsOf('rekeyed')).debits.size === 12);
    await rated();
    expect([...(await factsOf('rekeyed')).debits.values()]).toEqual(calls.map(() => 1));
    const last = (await stage.events(stage.tenant('rekeyed'))).at(-1);
    expect(last?.data['cdr']).toMatchObject({ source: 'sbc', origin: { kind: 'bus', topic: stage.topics.cdrByCall } });
  });

  test('two rating programs and the API on one account at once: sums exact, no gap', async () => {
    const tenant = stage.tenant('contended');
    const calls = callsOf('contended', 300);
    // A group of its own reads every message as well, so that both programs write every call to the same account.
    const other = await stage.start('rating', { env: { CONSUMER_GROUP: `${stage.id}-second` } });
    const [, http] = await Promise.all([other.waitReady(), stage.startReady('api')]);
    const api = apiAt(http[0].url);
    const buying = Array.from({ length: 10 }, (_, n) =>
      api.buy(tenant, `buy-${n}`, { amount: '5', method: 'invoice', reference: `INV-${n}` }),
    );
    for (let at = 0; at < calls.length; at += 30) await stage.publishCdrs(calls.slice(at, at + 30));
    for (const { status } of await Promise.all(buying)) expect([200, 201]).toContain(status);
    await rated();
    await stage.until('the second group too', async () => (await stage.bus.lag(`${stage.id}-second`, [stage.topics.cdr])) === 0n);
    const facts = await factsOf('contended');
    expect([...facts.debits.values()]).toEqual(calls.map(() => 1));
    expect(facts.debitedSteps).toBe(debitsOf(calls).get(tenant));
    expect(facts.creditedSteps).toBe(600_000n);
    expect(await other.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('a stream that cannot be folded sets its tenant aside, in order, and the others go on', async () => {
    const broken = stage.tenant('broken');
    const revision = (await stage.events(broken)).length - 1;
    const garbage = { id: randomUUID(), type: 'CallTeleported.v9', data: { tenant: broken }, metadata: {} };
    await stage.eventStore.append(streamOf(broken), revision, [garbage]);
    const [bad, good] = [callsOf('broken', 5), callsOf('healthy', 5)];
    await stage.publishCdrs(bad.flatMap((call, index) => [call, good[index] ?? call]));
    await rated();
    expect((await factsOf('healthy')).debits.size).toBe(5);
    const parked = await stage.until('five parked messages', () => {
      const all = heard.messages(stage.topics.parked);
      return all.length >= 5 ? all : undefined;
    });
    expect(parked.map(({ value }) => (JSON.parse(String(value)) as { id: string }).id)).toEqual(bad.map(({ id }) => id));
    const ready = await fetch(`${rating.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain(broken);
  });
});
