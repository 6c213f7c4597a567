// The proof of who paid: of a story with included minutes, an add-on, a call in progress, a change of plan and a rerating it finds
// nothing; each thing that somebody would change in it is found where it was changed.

import { beforeAll, expect, test } from '@jest/globals';
import { priceOf } from '@tollkeeper/charge';
import { inMemoryEventStore, StreamWriter, type RecordedEvent } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { SeenEvent } from './ledger-pages.js';
import { PoolsCheck } from './pools.js';

const NOON_MS = Date.parse('2026-03-03T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const SPAN = { fromMs: 0, rate: '0.02', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 };
const TIMELINE = { spans: [SPAN], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null } as const;
const RATED = { plan: 'default', prefix: '33', destination: 'France', currency: 'EUR', deckHash: 'deck' };

type Asked = { readonly category?: string; readonly users?: readonly string[]; readonly country?: string | null };
let nowMs = NOON_MS;
let events: readonly RecordedEvent[];

const traitsOf = ({ users = ['ann'], country = 'FR' }: Asked) =>
  ({ direction: 'outbound', users, destinationCountry: country, supported: true }) as const;

function chargeOf(usageMs: number, { category = 'outbound' }: Asked, plan = 'default') {
  return { ...priceOf(TIMELINE, usageMs), ...RATED, plan, category, rows: [1], usageMs, timeline: TIMELINE };
}

function call(id: string, minutes: number, asked: Asked = {}, sessionId: string | null = null, plan?: string): LedgerCommand {
  const usageMs = minutes * MINUTE_MS;
  const answerTime = new Date(nowMs - usageMs).toISOString();
  const none = { callId: null, conferenceId: null, endTime: null, setupTime: null, switchUsage: null };
  const facts = {
    fingerprint: `1:${id}`,
    format: 'canonical',
    generation: 0,
    parserVersion: 1,
    rawSha256: 'ab',
    tenantRule: 'field',
  };
  const origin = { kind: 'file', name: 'calls.json', record: 1 } as const;
  const cdr = { ...none, ...facts, answerTime, id, origin, sessionId, source: 'switch', usageMs };
  return {
    kind: 'debit-call',
    nowMs,
    cdr,
    charge: chargeOf(usageMs, asked, plan),
    parties: '',
    report: {},
    traits: traitsOf(asked),
  };
}

function licences(user: string, ...held: readonly string[]): LedgerCommand {
  return {
    kind: 'assign-licences',
    nowMs,
    fromMs: NOON_MS - DAY_MS,
    user,
    sealedUser: '',
    country: 'FR',
    licences: held as never,
  };
}

beforeAll(async () => {
  const store = inMemoryEventStore();
  const writer = new StreamWriter<any, LedgerCommand, any, any>({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  const does = async (command: LedgerCommand): Promise<void> => {
    const [result] = await writer.execute(streamOf('acme'), [command]);
    expect(result).toMatchObject({ kind: 'recorded' });
    nowMs += MINUTE_MS;
  };
  await does({ kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
  await does(licences('ann', 'calling-plan-120', 'communications-credits'));
  await does(licences('bob', 'audio-conferencing', 'extended-dial-out'));
  await does({
    kind: 'purchase-credit',
    nowMs,
    purchaseId: 'p',
    amountMicros: 50_000_000n,
    origin: { kind: 'invoice', reference: 'i' },
  });
  await does(call('one', 30));
  const grant = {
    sessionId: 's',
    fingerprint: 's',
    parties: '',
    traits: traitsOf({}),
    presumedAnswerMs: nowMs,
    requestedSeconds: 1800,
  };
  await does({
    kind: 'authorise',
    nowMs,
    ...grant,
    rated: { ...RATED, category: 'outbound', timeline: TIMELINE, ratedSeconds: Infinity },
  });
  await does({ kind: 'extend-reservation', nowMs, sessionId: 's', usedSeconds: 600, requestedSeconds: 1800 });
  await does(call('two', 10));
  await does({ kind: 'terminate-reservation', nowMs, sessionId: 's', usedSeconds: 2000 });
  await does(call('three', 34, {}, 's'));
  await does(call('conference', 5, { category: 'conference-dial-out', users: ['bob'], country: 'US' }));
  await does(call('help', 2, { category: 'emergency', country: null }));
  await does(call('split', 60));
  const cdr = { source: 'switch', id: 'two', generation: 0 };
  await does({
    kind: 'rerate-call',
    nowMs,
    revision: await revisionOf('two'),
    cdr,
    charge: { ...chargeOf(600_000, {}), amountMicros: 1n },
    author: 'x',
    rerateId: 'r',
  });
  await does({ kind: 'change-plan', nowMs, plan: 'gold', fromMs: nowMs });
  nowMs += DAY_MS;
  await does(call('gold', 1, { users: [] }, null, 'gold'));
  events = await all();

  async function all(): Promise<readonly RecordedEvent[]> {
    const pages: RecordedEvent[] = [];
    for await (const page of store.readStream(streamOf('acme'))) pages.push(...page);
    return pages;
  }
  async function revisionOf(id: string): Promise<number> {
    return (await all()).findIndex(({ data }) => (data['cdr'] as { id?: string } | undefined)?.id === id);
  }
});

const of = (type: string, id?: string): RecordedEvent =>
  events.find(
    (event) => event.type === type && (id === undefined || (event.data['cdr'] as { id?: string }).id === id),
  ) as RecordedEvent;

type Changed = (data: any) => void;

/** `revision: text` of what is found once these events say something else; undefined leaves one out. */
function foundIn(...changes: readonly (readonly [RecordedEvent, Changed | undefined])[]): readonly string[] {
  const check = new PoolsCheck();
  for (const { data, metadata, ...stored } of events) {
    const change = changes.find(([event]) => event.revision === stored.revision);
    if (change !== undefined && change[1] === undefined) continue;
    const copy = structuredClone(data);
    change?.[1]?.(copy);
    check.see(new SeenEvent(stored, undefined, { data: copy, metadata }));
  }
  return check.line.differences.map(({ revision, found }) => `${revision}: ${found}`);
}

test('of what the ledger has written nothing is found', () => {
  const paid = events
    .filter(({ type }) => type === 'CallDebited.v1')
    .map(({ data }) => `${String(data['coverage'])} ${String(data['amount'])}`);
  expect(paid).toEqual(['pool 0', 'pool 0', 'pool 0', 'unlimited 0', 'emergency 0', 'pool 0.28', 'pool 0', 'credit 0.02']);
  expect(foundIn()).toEqual([]);
});

test.each<[string, string, string | undefined, Changed, string]>([
  [
    'minutes that were not there',
    'CallDebited.v1',
    'two',
    (data) => (data.pool = { ...data.pool, usedMs: 9e6, remainingMs: -1 }),
    'it used',
  ],
  ['what remains', 'CallDebited.v1', 'two', (data) => (data.pool.remainingMs += 60_000), 'it used'],
  [
    'a cap that no licence gives',
    'CallDebited.v1',
    'two',
    (data) => (data.pool = { ...data.pool, capMs: 9e6, remainingMs: data.pool.remainingMs + 18e5 }),
    'the cap is',
  ],
  [
    'a pool that there is not',
    'CallDebited.v1',
    'two',
    (data) => (data.pool.pool = 'gift FR'),
    'gift FR has no domestic minutes',
  ],
  ['another month', 'CallDebited.v1', 'two', (data) => (data.pool.month = '2026-02'), 'it counts in 2026-02'],
  [
    'no limit for anybody',
    'CallDebited.v1',
    'gold',
    (data) => (data.coverage = 'unlimited'),
    'it is free by an add-on for conferences, and is outbound',
  ],
  [
    'a call that was no emergency',
    'CallDebited.v1',
    'gold',
    (data) => (data.coverage = 'emergency'),
    'it is free as an emergency call, and is outbound',
  ],
  ['a pool beside the credit', 'CallDebited.v1', 'two', (data) => (data.coverage = 'credit'), 'it uses'],
  [
    'a plan of another time',
    'CallDebited.v1',
    'gold',
    (data) => (data.charge.plan = 'default'),
    "it is charged by plan default, and the tenant's was gold",
  ],
  ['a hold that was not there', 'ReservationMade.v1', undefined, (data) => (data.pool.heldMs = 9e6), 'it holds 9000000 ms'],
  ['a hold that is let go otherwise', 'CallDebited.v1', 'three', (data) => (data.releases.pool = null), 'session s held'],
  ['more than was used given back', 'CallReversed.v1', undefined, (data) => (data.pool.usedMs += 60_000), 'it gives back'],
  ['nothing given back', 'CallReversed.v1', undefined, (data) => (data.pool = null), 'it gives back nothing of a pool'],
])('%s is found', (_, type, id, change, text) => {
  const event = of(type, id);
  const [first] = foundIn([event, change]);
  expect(first).toMatch(new RegExp(`^${event.revision}: .*${text.replaceAll(/[()]/g, '.')}`));
});

test('no limit is found where nobody holds the add-on, and a cap where nobody holds the licence', () => {
  const [ann, bob] = events.filter(({ type }) => type === 'LicencesAssigned.v1') as [RecordedEvent, RecordedEvent];
  expect(foundIn([bob, undefined])).toEqual([expect.stringContaining('it is free by extended-dial-out, which nobody')]);
  expect(foundIn([ann, undefined])[0]).toContain('the cap is 7200000 ms, and the licences of the time give 0');
});

test('who pays a call anew is who paid it', () => {
  const again = events.findLast(({ data }) => data['replaces'] !== undefined && data['replaces'] !== null) as RecordedEvent;
  expect(foundIn([again, (data) => Object.assign(data, { coverage: 'unlimited', pool: null })])[0]).toContain(
    'unlimited pays, and pool had paid',
  );
  const add: Changed = (data) => void (data.pool.pool = 'calling-plan-240 FR');
  expect(foundIn([again, add])[0]).toContain('and the debit that it replaces had used');
});
