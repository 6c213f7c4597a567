// A rate deck that changes under running programs: a call without a rate is put aside, the deck is mended and activated by the
// command line without a restart, the letter is retried, a period is rerated, and every charge is verified.

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aCall, auditStream, deckOf, describeOnEngines, OPEN_WITHIN_MS, PRICES, ROOT, Stage } from '../stage/index.js';
import { apiAt } from './http.js';

const HOUR_MS = 3_600_000;

await describeOnEngines('a changing rate deck', (engines) => {
  let stage: Stage;
  let tenant: string;

  beforeAll(async () => {
    stage = await Stage.open({ name: 'changing-deck', engines });
    tenant = stage.tenant('acme');
    await stage.openAccounts([tenant], { credit: 50 });
    await stage.startReady('rating', 'projections');
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  /** The command line on the stage's engines. */
  const tollkeeper = (...args: readonly string[]) => tollkeeperWith({}, ...args);
  const tollkeeperWith = (
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> => {
    const child = spawn(process.execPath, [`${ROOT}apps/cli/bin/tollkeeper.js`, ...args], { env: { ...stage.env, ...env } });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve({ code, out, err })));
  };
  const json = async (...args: readonly string[]): Promise<any> => {
    const { code, out, err } = await tollkeeper(...args, '--json');
    if (code !== 0) throw new Error(`tollkeeper ${args.join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out);
  };
  const balanceRow = () => stage.readStore.db.selectFrom('balance').selectAll().where('tenant', '=', tenant).executeTakeFirst();
  const deadLetters = () => stage.readStore.db.selectFrom('dead_letter').select('letter_id').execute();
  const from = (agoMs: number): string => new Date(Date.now() - agoMs).toISOString();

  test('a call without a rate is put aside and listed', async () => {
    await stage.publishCdrs([aCall({ id: 'to-finland', tenant, called: '+358401234567' }), aCall({ id: 'to-berlin', tenant })]);
    await stage.until('its dead letter', async () => (await deadLetters()).length === 1);
    expect(await json('dead-letters', 'list')).toMatchObject([{ key: tenant, code: 'no-rate' }]);
    expect(auditStream(await stage.events(tenant)).debits).toEqual(new Map([['to-berlin', 1]]));
  });

  test('a deck with faults is refused whole, with line and column', async () => {
    const file = join(stage.folder, 'bad.csv');
    await writeFile(file, `${deckOf(PRICES)}358,Finland,EUR,"0,10",60,60,0,up,4\n`);
    const refused = await tollkeeper('deck', 'import', file);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${file}:6:17: rate "0,10" is not a decimal with a point`);
    expect(await json('deck', 'list')).toHaveLength(1);
  });

  test('the mended deck swaps in without a restart, and the retried letter becomes a debit', async () => {
    const file = join(stage.folder, 'mended.csv');
    const dearer = PRICES.map((price) => (price.prefix === '49' ? { ...price, rate: '0.0300' } : price));
    await writeFile(file, `${deckOf(dearer)}358,Finland,EUR,0.1,60,60,0,up,4\n`);
    await json('deck', 'import', file, '--activate', from(HOUR_MS));
    // The running program knows of it when a call that only the new deck prices is debited.
    await stage.until('the retried letter to be debited', async () => {
      if ((await deadLetters()).length > 0) await json('dead-letters', 'retry', '--code', 'no-rate');
      await stage.until('the retry to be judged', async () => (await stage.lag()) === 0n);
      return auditStream(await stage.events(tenant)).debits.get('to-finland') === 1;
    });
    await stage.until('the letter to be struck off', async () => (await deadLetters()).length === 0);
    expect(await json('dead-letters', 'list')).toEqual([]);
  });

  test('a late CDR is rated by the version of its answer time', async () => {
    await stage.publishCdrs([aCall({ id: 'late', tenant, answerMs: Date.now() - 2 * HOUR_MS }), aCall({ id: 'new', tenant })]);
    await stage.until('both to be debited', async () => auditStream(await stage.events(tenant)).debits.size === 4);
    const amounts = (await stage.events(tenant)).flatMap(({ type, data }) =>
      type === 'CallDebited.v1' ? [[(data['cdr'] as { id: string }).id, data['amount']]] : [],
    );
    expect(Object.fromEntries(amounts)).toEqual({ 'to-berlin': '0.02', 'to-finland': '0.1', late: '0.02', new: '0.03' });
  });

  test('rerating shows the differences, replaces the debits once, and balance and read model follow', async () => {
    const period = ['--from', from(HOUR_MS), '--to', from(-HOUR_MS)];
    const looked = await json('rerate', ...period, '--dry-run');
    expect(looked).toMatchObject({
      checked: 3,
      written: 0,
      changes: [{ cdr: { id: 'to-berlin' }, before: '0.02', after: '0.03' }],
    });
    expect((await tollkeeper('rerate', ...period)).code).toBe(2);
    expect(await json('rerate', ...period, '--yes')).toMatchObject({ written: 1 });
    expect(await json('rerate', ...period, '--yes')).toMatchObject({ changes: [], written: 0 });
    const events = await stage.events(tenant);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['CallReversed.v1', 'CallDebited.v1']);
    expect(events.at(-1)?.data).toMatchObject({ amount: '0.03', balance: '49.82' });
    await stage.until('the balance row', async () => (await balanceRow())?.balance === '49.82');
    expect(await balanceRow()).toMatchObject({ calls_debited: 4, debited: '0.18' });
    // The switch sends the CDR again: it is still known.
    await stage.publishCdrs([
      aCall({
        id: 'new',
        tenant,
        answerMs: Date.parse(
          String(events.find(({ data }) => (data['cdr'] as { id?: string } | undefined)?.id === 'new')?.data['effectiveAt']),
        ),
      }),
    ]);
    await stage.until('the repeat to be judged', async () => (await stage.lag()) === 0n);
    expect(await stage.events(tenant)).toHaveLength(events.length);
  });

  test('every charge, rated again from what is stored, is the same', async () => {
    expect(await json('verify', 'charges', '--tenant', tenant)).toEqual({
      checked: 5,
      differ: 0,
      givenFree: 0,
      byPrefix: 0,
      differences: [],
    });
  });

  test('a plan that changes rates the calls answered from then on, in a program that knew the one before', async () => {
    const file = join(stage.folder, 'gold.csv');
    await writeFile(file, 'plan,prefix,rate,currency\ngold,49,0.005,EUR\n');
    await json('deck', 'import', file, '--activate', '2026-01-01');
    const [api] = await stage.startReady('api');
    const http = apiAt(api.url);
    expect(await http.put(`/v1/tenants/${tenant}/plan`, { plan: 'gold', from: from(10 * 60_000) })).toMatchObject({
      status: 200,
    });
    expect(await http.post('/v1/prices', { tenant, calledNumber: '+4930123456', usageSeconds: 61 })).toMatchObject({
      status: 200,
      body: { amount: '0.01', plan: 'gold', billedUsageSeconds: 120, segments: [{ seconds: 120, rate: '0.005' }] },
    });
    expect(await http.post('/v1/prices', { tenant, calledNumber: '+881123456' })).toMatchObject({
      status: 422,
      body: { code: 'no-rate' },
    });
    await stage.publishCdrs([aCall({ id: 'gold', tenant, answerMs: Date.now() - 5 * 60_000 })]);
    const debit = await stage.until('the call on the new plan', async () =>
      (await stage.events(tenant)).find(({ data }) => (data['cdr'] as { id?: string } | undefined)?.id === 'gold'),
    );
    expect(debit.data).toMatchObject({ amount: '0.005', charge: { plan: 'gold' } });
  });

  test('by setting, a call without a rate is given free, and verified as one that no row prices', async () => {
    await stage.programs.find(({ name }) => name === 'rating')?.kill('SIGTERM');
    await stage.start('rating', { env: { UNRATED_CALLS: 'free' } });
    await stage.publishCdrs([aCall({ id: 'given', tenant, called: '+881123456789' })]);
    const debit = await stage.until('the call given free', async () =>
      (await stage.events(tenant)).find(({ data }) => (data['cdr'] as { id?: string } | undefined)?.id === 'given'),
    );
    expect(debit.data).toMatchObject({ amount: '0', report: { capability: 'FREECALL' } });
    expect(await json('verify', 'charges', '--tenant', tenant)).toMatchObject({ checked: 7, differ: 0, givenFree: 1 });
  });

  test('a rerating that is killed half-way leaves whole pairs, and the next one does the rest, once', async () => {
    const many = stage.tenant('many');
    await stage.openAccounts([many], { credit: 5 });
    const calls = Array.from({ length: 450 }, (_, at) =>
      aCall({ id: `many-${at}`, tenant: many, answerMs: Date.now() - 20 * 60_000 }),
    );
    await stage.publishCdrs(calls);
    await stage.until(
      'all of them to be debited',
      async () => auditStream(await stage.events(many)).debits.size === calls.length,
    );
    const file = join(stage.folder, 'dearest.csv');
    await writeFile(file, deckOf(PRICES.map((price) => (price.prefix === '49' ? { ...price, rate: '0.0400' } : price))));
    await json('deck', 'import', file, '--activate', from(30 * 60_000));
    const period = ['--from', from(HOUR_MS), '--to', from(-HOUR_MS), '--tenant', many, '--yes'];
    const killed = await tollkeeperWith({ FAILPOINT: 'cli.rerate-after-append:2' }, 'rerate', ...period);
    expect(killed.code).toBeNull();
    const replaced = (await stage.events(many)).filter(({ type }) => type === 'CallReversed.v1').length;
    expect(replaced).toBe(400);
    expect(await json('rerate', ...period)).toMatchObject({ written: calls.length - replaced });
    expect(await json('rerate', ...period)).toMatchObject({ changes: [], written: 0 });
    const { debits, debitedSteps, balanceSteps } = auditStream(await stage.events(many));
    expect([...debits.values()].every((count) => count === 1)).toBe(true);
    expect([debitedSteps, balanceSteps]).toEqual([BigInt(calls.length) * 400n, 50_000n - BigInt(calls.length) * 400n]);
  });
});
