// An engine goes away and comes back while calls go on: readiness says so, no program is started again, nothing is lost.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  aCall,
  auditStream,
  debitsOf,
  describeOnEngines,
  OPEN_WITHIN_MS,
  openRoute,
  Stage,
  type Call,
  type Listener,
  type Program,
  type Route,
} from '../stage/index.js';

await describeOnEngines('an engine that goes away', (engines) => {
  let stage: Stage;
  let heard: Listener;
  let programs: Readonly<Record<'rating' | 'projections' | 'api', Program>>;
  const routes: Route[] = [];
  const sent: Call[] = [];

  beforeAll(async () => {
    stage = await Stage.open({ name: 'outage', engines });
    await stage.openAccounts(
      ['known', 'new'].map((name) => stage.tenant(name)),
      { credit: 10 },
    );
    heard = await stage.listen('balance');
    const env = { DATABASE_URL: await routed('DATABASE_URL') };
    const stores = engines.kurrentDbUrl === undefined ? env : { ...env, KURRENTDB_URL: await routed('KURRENTDB_URL') };
    const [rating, projections, api] = await Promise.all(
      (['rating', 'projections', 'api'] as const).map((name) => stage.start(name, { env: stores })),
    );
    if (!rating || !projections || !api) throw new Error('three programs were started');
    programs = { rating, projections, api };
    await Promise.all(Object.values(programs).map((program) => program.waitReady()));
  }, OPEN_WITHIN_MS);
  afterAll(async () => {
    await stage?.close();
    await Promise.all(routes.map((route) => route.break().catch(() => undefined)));
  }, 30_000);

  async function routed(variable: 'DATABASE_URL' | 'KURRENTDB_URL'): Promise<string> {
    const route = await openRoute(stage.env[variable] ?? '');
    routes.push(route);
    return route.url;
  }

  async function callsOf(name: string, prefix: string): Promise<void> {
    const calls = Array.from({ length: 20 }, (_, n) => aCall({ id: `${prefix}-${n}`, tenant: stage.tenant(name) }));
    sent.push(...calls);
    await stage.publishCdrs(calls);
  }

  const statusOf = async ({ url }: Program): Promise<number> => (await fetch(`${url}/readyz`)).status;
  const isReady = async (): Promise<boolean> =>
    (await Promise.all(Object.values(programs).map(statusOf))).every((status) => status === 200);

  /** Every call that was sent is debited once, stands in the balance and was told. */
  async function nothingIsLost(): Promise<void> {
    await stage.until('every CDR to be rated', async () => (await stage.lag()) === 0n);
    await stage.until('every program to be ready', isReady);
    for (const [tenant, steps] of debitsOf(sent)) {
      const events = await stage.events(tenant);
      const facts = auditStream(events);
      expect(facts.debitedSteps).toBe(steps);
      expect([...facts.debits.values()].every((count) => count === 1)).toBe(true);
      await stage.until(`the balance of ${tenant}`, async () => {
        const rows = await stage.rows('balance');
        return rows.some((row) => row['tenant'] === tenant && row['revision'] === events.length - 1);
      });
      const told = events.filter(({ type }) => type === 'CallDebited.v1').map(({ revision }) => `${tenant}:${revision}`);
      await stage.until(`all balance events of ${tenant}`, () => {
        const ids = new Set(heard.messages(stage.topics.balance).map(({ headers }) => headers['ce_id']));
        return told.every((id) => ids.has(id));
      });
    }
    expect(Object.values(programs).filter((program) => program.hasExited())).toEqual([]);
  }

  test('before: calls are debited', async () => {
    await callsOf('known', 'before');
    await nothingIsLost();
  });

  test('PostgreSQL: rating waits for keys, read models stand still, the API says so; all of it comes after', async () => {
    await routes[0]?.break();
    await callsOf('known', 'without-database');
    // The first calls of an account need a key to seal its persons with, and the keys stand in the database.
    await callsOf('new', 'without-key');
    await stage.until('rating, projections and the API to be not ready', async () => {
      return (await Promise.all(Object.values(programs).map(statusOf))).every((status) => status === 503);
    });
    expect(await stage.lag()).toBeGreaterThan(0n);
    await routes[0]?.mend();
    await nothingIsLost();
  }, 120_000);

  const onKurrentDb = engines.kurrentDbUrl === undefined ? test.skip : test;
  onKurrentDb(
    'KurrentDB: no debit is acknowledged, none is lost',
    async () => {
      await routes[1]?.break();
      await callsOf('known', 'without-store');
      await stage.until('rating, projections and the API to be not ready', async () => {
        return (await Promise.all(Object.values(programs).map(statusOf))).every((status) => status === 503);
      });
      expect(await stage.lag()).toBe(20n);
      await routes[1]?.mend();
      await nothingIsLost();
    },
    120_000,
  );
});
