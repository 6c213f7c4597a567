// The usage report's rows: which calls, in which order, and what stands in the 20 columns of each.

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSchema, findPostgres } from '@tollkeeper/testing';
import { openStage, type Call, type Stage } from './call-rows.fixture.js';
import { COLUMNS, type Cells } from './columns.js';
import { usageReport } from './usage-report.js';

const MARCH = { tenant: 'acme', fromMs: Date.UTC(2026, 2), toMs: Date.UTC(2026, 3) };

const postgres = await findPostgres();

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

async function reported(period = MARCH, country: string | null = 'FR'): Promise<readonly Cells[]> {
  const rows: Cells[] = [];
  for await (const page of usageReport({ readStore: stage.readStore, ring: stage.ring, country }, period)) rows.push(...page);
  return rows;
}

/** The row of one call by the names of its columns. */
async function rowOf(call: Call, country: string | null = 'FR'): Promise<Readonly<Record<string, string>>> {
  await stage.write([call]);
  const [cells = [], ...others] = await reported(MARCH, country);
  expect([others, cells.length]).toEqual([[], 20]);
  return Object.fromEntries(COLUMNS.map((name, at) => [name, cells[at] ?? '']));
}

test("8.12 a row of Graph's stands in the columns that Microsoft writes it in", async () => {
  const row = await rowOf({
    cdr_id: '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3001',
    format: 'graph-pstn',
    call_id: '1835317186_112562680@192.0.2.76',
    answered_at: '2026-03-02T09:00:08.258Z',
    end_at: '2026-03-02T09:03:47.258Z',
    usage_ms: 219_000,
    amount: '0.08',
    report: {
      callType: 'user_out',
      capability: 'MCOPSTN2',
      destinationName: 'United Kingdom',
      direction: 'outbound',
      domesticOrInternational: 'International',
      numberType: 'Subscriber',
      userLocation: 'FR',
    },
    parties: {
      called: '+442079460001',
      calling: '+33140000001',
      userDisplayName: 'Ana Ávila',
      userId: '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3002',
      userPrincipalName: 'ana@Acme.example',
    },
  });
  expect(row).toEqual({
    UsageId: '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3001',
    'Call ID': '1835317186_112562680@192.0.2.76',
    'Conference ID': '',
    'User Location': 'FR',
    'AAD ObjectId': '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3002',
    UPN: 'ana@Acme.example',
    'User Display Name': 'Ana Ávila',
    'Caller ID': '+33140000001',
    'Call Type': 'user_out',
    'Number Type': 'Subscriber',
    'Domestic/International': 'International',
    'Destination Dialed': 'United Kingdom',
    'Destination Number': '+44207946****',
    'Start Time': '2026-03-02T09:00:08.258Z',
    'End Time': '2026-03-02T09:03:47.258Z',
    'Duration Seconds': '219',
    'Connection Charge': '0',
    Charge: '0.08',
    Currency: 'EUR',
    Capability: 'MCOPSTN2',
  });
});

describe('what the switch did not tell follows from the call', () => {
  const inbound = {
    category: 'inbound',
    report: { direction: 'inbound' },
    parties: { called: '+33140000001', calling: '+33611223344' },
  };
  const user = { userId: 'u-1' };
  test.each<[string, Call, Readonly<Record<string, string>>]>([
    [
      'outbound',
      {},
      { 'Call Type': 'user_out', 'Number Type': 'Subscriber', 'Destination Dialed': 'Germany', Capability: 'MCOPSTNPP' },
    ],
    ['outbound', {}, { 'Domestic/International': 'International', 'User Location': 'FR', 'Duration Seconds': '62' }],
    ['in the country', { parties: { called: '+33611223344' } }, { 'Domestic/International': 'Domestic' }],
    ['inbound', inbound, { 'Call Type': 'user_in', 'Domestic/International': 'Domestic', 'Destination Dialed': 'France' }],
    ['to a toll-free number', { category: 'toll-free-inbound' }, { 'Call Type': 'ucap_in', 'Number Type': 'TollFree' }],
    ['to a toll-free number of a user', { category: 'toll-free-inbound', parties: user }, { 'Call Type': 'user_in' }],
    ['dialled out of a conference', { category: 'conference-dial-out' }, { 'Call Type': 'conf_out', 'Number Type': 'Service' }],
    ['call-me by minutes', { category: 'call-me', coverage: 'pool' }, { 'Call Type': 'conf_out', Capability: 'MCOMEETADD' }],
    ['into a conference', { ...inbound, conference_id: '991' }, { 'Call Type': 'conf_in', 'Conference ID': '991' }],
    ['by included minutes', { coverage: 'pool', amount: '0' }, { Capability: '', Charge: '0' }],
    ['given free', { report: { capability: 'FREECALL' }, amount: '0' }, { Capability: 'FREECALL' }],
    [
      'emergency',
      {
        category: 'emergency',
        destination: 'Emergency',
        prefix: '',
        coverage: 'emergency',
        amount: '0',
        parties: { called: '112' },
      },
      { 'Destination Number': '112', 'Destination Dialed': 'Emergency', 'Domestic/International': 'Domestic', Capability: '' },
    ],
  ])('%s', async (_, call, expected) => {
    expect(await rowOf(call)).toMatchObject(expected);
  });
});

test('without a country of the organisation, the user is where their own number is', async () => {
  expect(await rowOf({}, null)).toMatchObject({ 'User Location': 'FR', 'Domestic/International': 'International' });
});

describe('8.12 outside numbers are masked by the law of the organisation', () => {
  const call = { parties: { called: '+4915112345678', calling: '+33140000001' } };
  test.each([
    ['FR', '+491511234****'],
    ['CH', '+491511234****'],
    ...['BE', 'DE', 'DK', 'ES', 'FI', 'IT', 'NL', 'NO', 'SE'].map((country) => [country, '+4915112345***'] as const),
    ['US', '+4915112345678'],
    [null, '+4915112345678'],
  ])('of %s', async (country, shown) => {
    expect(await rowOf(call, country)).toMatchObject({ 'Caller ID': '+33140000001', 'Destination Number': shown });
  });

  test.each<[string, Call, string, string]>([
    ['an inbound call: the caller', { report: { direction: 'inbound' } }, '+3314000****', '+4915112345678'],
    ['a call handed on: both', { report: { callType: 'user_out_forwarding' } }, '+3314000****', '+491511234****'],
    ['an address', { parties: { called: 'sip:+4915112345678@192.0.2.7' } }, '+33140000001', 'sip:+491511234****@192.0.2.7'],
    ['a withheld caller', { report: { direction: 'inbound' }, parties: { calling: 'anonymous' } }, 'anonymous', '+4915112345678'],
  ])('%s', async (_, change, caller, destination) => {
    expect(await rowOf(change)).toMatchObject({ 'Caller ID': caller, 'Destination Number': destination });
  });
});

/** What the read store's engine has a part in. */
function callsOnEngine(): void {
  test('of the period and the tenant, by answer time, each once however many there are', async () => {
    const at = (n: number): string => new Date(MARCH.fromMs + Math.floor(n / 3) * 1000).toISOString();
    const inside = Array.from({ length: 2_500 }, (_, n): Call => ({ cdr_id: `c-${n}`, answered_at: at(n), call_id: String(n) }));
    const outside: Call[] = [
      { cdr_id: 'before', answered_at: '2026-02-28T23:59:59.999Z' },
      { cdr_id: 'after', answered_at: '2026-04-01T00:00:00.000Z' },
      { cdr_id: 'leg', billable: 0, answered_at: at(7) },
    ];
    await stage.write([...inside.toReversed(), ...outside]);
    const rows = await reported();
    expect(rows.map((cells) => cells[13])).toEqual(inside.map((call) => call.answered_at));
    expect(new Set(rows.map((cells) => cells[1])).size).toBe(2_500);
    expect(await reported({ ...MARCH, tenant: 'other' })).toEqual([]);
  });

  test('have a UsageId of their own, and the same in every report', async () => {
    const uuid = '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3001';
    const sources = ['a', 'b', 'c'];
    const calls = sources.flatMap((source) => [uuid, '1', '2'].map((cdr_id): Call => ({ source, cdr_id })));
    const graph = { source: 'm', format: 'graph-pstn' };
    await stage.write([...calls, { ...graph, cdr_id: uuid, call_id: 'of Graph' }, { ...graph, cdr_id: 'no UUID' }]);
    const rows = await reported();
    const ids = rows.map(([id]) => id);
    expect(new Set(ids).size).toBe(11);
    expect(rows.filter(([id]) => id === uuid).map((cells) => cells[1])).toEqual(['of Graph']);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await reported()).map(([id]) => id)).toEqual(ids);
  });

  test('have the UsageId that they had, whatever is imported later', async () => {
    const uuid = '7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3001';
    await stage.write([{ source: 'pbx', cdr_id: uuid }]);
    const before = await reported();
    await stage.write([{ source: 'a', cdr_id: uuid, answered_at: '2026-03-01T12:00:00.000Z' }]);
    expect((await reported()).at(-1)).toEqual(before[0]);
  });
}

describe('the calls', () => {
  callsOnEngine();

  test('whose persons were erased stand there without them', async () => {
    const erased = { userId: 'u-1', userPrincipalName: 'zoe@acme.example', userDisplayName: 'Zoë' };
    await stage.write([
      { cdr_id: '1', parties: erased },
      { cdr_id: '2', parties: null },
    ]);
    await stage.ring.destroy('acme', '2026-04', 'ada');
    for (const cells of await reported()) {
      const row = Object.fromEntries(COLUMNS.map((name, at) => [name, cells[at]]));
      const nobody = { 'AAD ObjectId': '', UPN: '', 'User Display Name': '', 'Caller ID': '', 'Destination Number': '' };
      expect(row).toMatchObject({ ...nobody, 'Destination Dialed': 'Germany - Mobile', Charge: '0.0427' });
    }
  });

  test('have no control characters, which no file of a spreadsheet holds, and end their lines in one way', async () => {
    const row = await rowOf({ parties: { userDisplayName: 'a\u0000b\u001fc\r\nd\re\tf\ud800' } });
    expect(row['User Display Name']).toBe('a\ufffdb\ufffdc\nd\ne\tf\ufffd');
  });
});

if (postgres.url === undefined) {
  describe.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => test('the calls of a usage report', () => {}));
} else {
  const { url } = postgres;
  afterAll(() => postgres.stop());

  describe('the calls, on PostgreSQL', () => {
    let schema: Awaited<ReturnType<typeof createSchema>>;
    beforeEach(async () => {
      await stage.close();
      schema = await createSchema(url);
      stage = await openStage(schema.url);
    });
    afterEach(async () => {
      await stage.close();
      await schema.drop();
      stage = await openStage();
    });

    callsOnEngine();
  });
}
