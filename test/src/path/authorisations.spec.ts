// Calls in progress across processes: fifty that would all spend the last euro, a CDR that settles for less and for more, and programs
// that die between the append and whoever waits for it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aCall, auditStream, describeOnEngines, MINUTE_MS, OPEN_WITHIN_MS, Stage, type Program } from '../stage/index.js';
import { apiAt, type Answer, type Api } from './http.js';

/** `RACES=1000` is the long form. */
const RACES = Number(process.env['RACES'] ?? 100);
const CALLS_AT_ONCE = 50;
const RACES_WITHIN_MS = 600_000;

await describeOnEngines('calls in progress', (engines) => {
  let stage: Stage;
  let programs: readonly Program[];
  let apis: readonly Api[];

  beforeAll(async () => {
    stage = await Stage.open({ name: 'authorised', engines });
    programs = await stage.startReady('api', 'api', 'rating', 'projections');
    apis = programs.slice(0, 2).map(({ url }) => apiAt(url));
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  const authorise = (api: Api, tenant: string, sessionId: string, change: object = {}): Promise<Answer> =>
    api.post('/v1/authorizations', { tenant, sessionId, called: '+4930123456', requestedSeconds: 60, ...change });
  const apiNumber = (at: number): Api => apis[at % apis.length] as Api;
  const balanceOf = async (tenant: string) => {
    const { body } = await apiNumber(0).get(`/v1/tenants/${tenant}/balance`);
    return { balance: body['balance'], available: body['available'] };
  };
  const rated = () => stage.until('the intake to be rated', async () => (await stage.lag()) === 0n);

  test(
    `credit for one package, fifty calls at once over two processes, ${RACES} times: one grant, forty-nine refusals`,
    async () => {
      const tenants = Array.from({ length: RACES }, (_, at) => stage.tenant(`race-${at}`));
      await stage.openAccounts(tenants, { credit: 0.02 });
      for (const tenant of tenants) {
        const answers = await Promise.all(
          Array.from({ length: CALLS_AT_ONCE }, (_, at) => authorise(apiNumber(at), tenant, `${tenant}-${at}`)),
        );
        const outcomes = answers.map(({ status, body }) => (status === 201 ? 'granted' : body['code']));
        expect(outcomes.toSorted()).toEqual([...Array.from({ length: CALLS_AT_ONCE - 1 }, () => 'NO_CREDIT'), 'granted']);
      }
    },
    RACES_WITHIN_MS,
  );

  test('the CDR debits what the call cost, less or more than was held, and frees the hold', async () => {
    const tenant = stage.tenant('settled');
    await stage.openAccounts([tenant], { credit: 1 });
    const api = apiNumber(0);
    for (const sessionId of ['less', 'more', 'none']) await authorise(api, tenant, sessionId, { requestedSeconds: 300 });
    await stage.until('the holds', async () => (await balanceOf(tenant)).available === '0.7');
    expect(await api.post('/v1/authorizations/less/termination', { tenant, usedSeconds: 61 })).toMatchObject({
      body: { changed: true },
    });
    // 0.04 are held for it from now on: two minutes.
    await stage.until('the smaller hold', async () => (await balanceOf(tenant)).available === '0.76');
    await stage.publishCdrs([
      aCall({ id: 'less', tenant, usageMs: MINUTE_MS + 1_000, sessionId: 'less' }),
      aCall({ id: 'more', tenant, usageMs: 20 * MINUTE_MS, sessionId: 'more' }),
      aCall({ id: 'without', tenant, usageMs: MINUTE_MS, sessionId: 'never-authorised' }),
    ]);
    await rated();
    await stage.until('the debits', async () => (await balanceOf(tenant)).balance === '0.54');
    expect(await balanceOf(tenant)).toEqual({ balance: '0.54', available: '0.44' });
    // What comes late changes nothing, and the session is not to be had again.
    expect(await api.post('/v1/authorizations/more/termination', { tenant, usedSeconds: 300 })).toMatchObject({
      status: 200,
      body: { changed: false },
    });
    expect(await authorise(apiNumber(1), tenant, 'more', { requestedSeconds: 300 })).toMatchObject({
      status: 409,
      body: { code: 'session-closed' },
    });
  });

  test('a program that dies after it has granted: the repeat is answered alike, and one hold stands', async () => {
    const tenant = stage.tenant('died');
    await stage.openAccounts([tenant], { credit: 1 });
    const dying = await stage.start('api', { failpoint: 'api.after-authorisation' });
    await dying.waitReady();
    await expect(authorise(apiAt(dying.url), tenant, 's-1')).rejects.toThrow();
    expect(await dying.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await authorise(apiNumber(0), tenant, 's-1')).toMatchObject({
      status: 200,
      body: { changed: false, grantedSeconds: 60, reserved: '0.02' },
    });
    const made = (await stage.events(tenant)).filter(({ type }) => type === 'ReservationMade.v1');
    expect(made).toHaveLength(1);
  });

  test('rating that dies after the debit: the CDR comes again and the hold is freed once', async () => {
    const tenant = stage.tenant('settled-twice');
    await stage.openAccounts([tenant], { credit: 1 });
    await authorise(apiNumber(0), tenant, 's-1');
    const [, , rating] = programs;
    expect(await rating?.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const dying = await stage.start('rating', { failpoint: 'rating.after-append' });
    await stage.publishCdrs([aCall({ id: 'call', tenant, sessionId: 's-1' })]);
    expect(await dying.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await (await stage.start('rating')).waitReady();
    await rated();
    const facts = auditStream(await stage.events(tenant));
    expect([facts.debits.get('call'), facts.balanceSteps]).toEqual([1, 9_800n]);
    await stage.until('the balance row', async () => (await balanceOf(tenant)).available === '0.98');
  });
});
