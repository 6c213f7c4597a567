// The story of one tenant across all programs on real engines: from an account to calls, an alert, a recharge and a rebuild.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  aCall,
  auditStream,
  canonicalCdr,
  describeOnEngines,
  OPEN_WITHIN_MS,
  READ_MODEL_TABLES,
  Stage,
  type Listener,
  type Program,
} from '../stage/index.js';
import type { Message } from '@tollkeeper/message-bus';
import { Kafka } from 'cloudevents';
import { apiAt, type Api } from './http.js';

/** Read back with the standard's own package, which knows nothing of how the message was written. */
function cloudEventOf(message: Message | undefined): unknown {
  if (message === undefined) return undefined;
  const { headers, key, value } = message;
  const received = { headers, key, value, body: value };
  return Kafka.toEvent(received);
}

await describeOnEngines('one tenant', (engines) => {
  let stage: Stage;
  let api: Api;
  let heard: Listener;
  let tenant: string;
  let projections: Program;

  beforeAll(async () => {
    stage = await Stage.open({ name: 'one-tenant', engines });
    tenant = stage.tenant('acme');
    heard = await stage.listen('balance', 'alert', 'rechargeCommand', 'deadLetters');
    await stage.startReady('simulator');
    const [, started, , http] = await stage.startReady('rating', 'projections', 'payments', 'api');
    projections = started;
    api = apiAt(http.url);
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  const facts = async () => auditStream(await stage.events(tenant));
  const idsOn = (topic: keyof Stage['topics']) =>
    heard.messages(stage.topics[topic]).map(({ headers }) => headers['ce_id'] ?? '');
  const balanceRow = () => stage.readStore.db.selectFrom('balance').selectAll().where('tenant', '=', tenant).executeTakeFirst();

  test('an account is opened and funded over HTTP', async () => {
    expect(await api.put(`/v1/tenants/${tenant}`, { currency: 'EUR' })).toMatchObject({ status: 201 });
    expect(await api.buy(tenant, 'first', { amount: '50', method: 'invoice', reference: 'INV-1' })).toMatchObject({
      body: { balance: '50' },
    });
    expect((await api.buy(tenant, 'first', { amount: '50', method: 'invoice', reference: 'INV-1' })).body['balance']).toBe('50');
    expect(await api.put(`/v1/tenants/${tenant}/alert-threshold`, { threshold: '25' })).toMatchObject({ status: 200 });
    expect(await api.put(`/v1/tenants/${tenant}/auto-recharge`, { trigger: '20', amount: '50' })).toMatchObject({ status: 200 });
  });

  test('one call becomes one debit, a balance and a balance event', async () => {
    await stage.publishCdrs([aCall({ id: 'call-1', tenant })]);
    await stage.until('the balance row after the call', async () => (await balanceRow())?.balance === '49.98');
    expect((await facts()).debits).toEqual(new Map([['call-1', 1]]));
    const last = (await stage.events(tenant)).at(-1);
    await stage.until('its balance event', () => idsOn('balance').includes(`${tenant}:${last?.revision}`));
    const message = heard
      .messages(stage.topics.balance)
      .find(({ headers }) => headers['ce_id'] === `${tenant}:${last?.revision}`);
    expect(cloudEventOf(message)).toMatchObject({
      specversion: '1.0',
      type: 'tollkeeper.balance.changed.v1',
      subject: tenant,
      time: last?.data['recordedAt'],
      data: { amount: '0.02', balance: '49.98', cdrId: 'call-1' },
    });
    expect(await api.get(`/v1/tenants/${tenant}/balance`)).toMatchObject({ status: 200, body: { balance: '49.98' } });
  });

  test('the same call by Kafka, by a file of NDJSON and by HTTP is one debit', async () => {
    const call = aCall({ id: 'call-2', tenant, answerMs: Date.now() - 3_600_000 });
    const text = JSON.stringify(canonicalCdr(call));
    await stage.publishCdrs([call, call]);
    const other = JSON.stringify(canonicalCdr(aCall({ id: 'call-3', tenant })));
    const file = await api.postCdrs(`${text}\n${other}\n`, 'application/x-ndjson');
    expect(file).toMatchObject({ status: 200, body: { totals: { accepted: 2, rejected: 0 } } });
    expect(await api.postCdrs(`[${text}]`, 'application/json')).toMatchObject({ status: 200, body: { totals: { accepted: 1 } } });
    await stage.until('all of it to be rated', async () => (await stage.lag()) === 0n);
    expect((await facts()).debits).toEqual(
      new Map([
        ['call-1', 1],
        ['call-2', 1],
        ['call-3', 1],
      ]),
    );
  });

  test('an altered CDR is put aside with key and bytes intact, and the balance stays', async () => {
    const altered = aCall({ id: 'call-1', tenant, usageMs: 600_000 });
    await stage.publishCdrs([altered]);
    const letter = await stage.until('its dead letter', () => heard.messages(stage.topics.deadLetters)[0]);
    expect(letter.headers['kafka_dlt-exception-message']).toMatch(/^cdr-exists-with-different-content: /);
    expect([String(letter.key), String(letter.value)]).toEqual([tenant, JSON.stringify(canonicalCdr(altered))]);
    expect((await facts()).debitedSteps).toBe(600n);
  });

  test('crossing the threshold alerts once; crossing the trigger is paid once and credited', async () => {
    // 0.125 a minute and 0.05 to begin with: four hours to a mobile are 30.05.
    const long = aCall({
      id: 'long-1',
      tenant,
      called: '+4915112345678',
      usageMs: 4 * 3_600_000,
      answerMs: Date.now() - 5 * 3_600_000,
    });
    await stage.publishCdrs([long]);
    await stage.until('the recharge to be credited', async () => (await facts()).creditedSteps === 1_000_000n);
    await stage.until('the alert', () => idsOn('alert').length > 0);
    expect(idsOn('alert')).toHaveLength(1);
    expect(idsOn('rechargeCommand')).toHaveLength(1);
    expect((await stage.payments()).map(({ tenant: payer, status, amount }) => ({ payer, status, amount }))).toEqual([
      { payer: tenant, status: 'paid', amount: '50' },
    ]);
    await stage.until('the balance row', async () => (await balanceRow())?.balance === '69.89');
  });

  test.each(['balance', 'low-balance-alert', 'auto-recharge', 'balance,low-balance-alert,auto-recharge'])(
    'a rebuild of %s gives the same rows and sends nothing again',
    async (names) => {
      const rows = async () => JSON.stringify(await Promise.all(READ_MODEL_TABLES.map((table) => stage.rows(table))));
      const sent = () => [idsOn('balance').length, idsOn('alert').length, idsOn('rechargeCommand').length];
      const last = (await stage.events(tenant)).length - 1;
      await stage.until('every read model to be level', async () => {
        const [balance, lowBalance, , recharge] = (await Promise.all(READ_MODEL_TABLES.map((table) => stage.rows(table)))).flat();
        return balance?.['revision'] === last && lowBalance?.['revision'] === last && recharge?.['status'] === 'succeeded';
      });
      await stage.until('every balance event', () => idsOn('balance').includes(`${tenant}:${last}`));
      const [before, [balances = 0, ...others]] = [await rows(), sent()];
      expect(await projections.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      projections = await stage.start('projections', { env: { REBUILD: names } });
      await stage.until('the rows to be built anew', () => projections.logs().includes('Rebuilt'));
      await stage.until('the same rows', async () => (await rows()) === before, stage.rebuildWithinMs);
      // One more balance event comes right after those before it, so nothing was sent between.
      await stage.publishCdrs([aCall({ id: `after ${names}`, tenant })]);
      await stage.until('one further balance event', () => idsOn('balance').length > balances);
      expect(sent()).toEqual([balances + 1, ...others]);
    },
    OPEN_WITHIN_MS,
  );
});
