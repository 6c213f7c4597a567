// Three months of one tenant, told over HTTP with a clock that the test turns: credit bought, included minutes used up, a lot that
// expires, a card that is suspended, zero, toll-free refused, and all of it mended by a person. Of each goes a mail to whom it concerns.
// Every number is worked out by hand.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditStream } from '../stage/index.js';
import { openWorld, type Answer, type World } from './world.js';

const DECK = `prefix,destination,rate,increment,category
33,France,0.02,60,*
44,Britain,0.05,60,*
800,Toll-free,0.03,60,toll-free-inbound
`;
const [ZOE, FRANCE, BRITAIN, TOLL_FREE] = ['zoe@acme.example', '+33123456789', '+447400123456', '+8001234567'];
const DAY_MS = 86_400_000;

let world: World;
let calls = 0;
let mailsRead = 0;

beforeAll(async () => {
  world = await openWorld(DECK, '2026-01-05T09:00:00Z');
}, 30_000);
afterAll(() => world?.close(), 30_000);

const turnTo = (instant: string): void => void (world.clock.nowMs = Date.parse(instant));
const put = (path: string, body: object): Promise<Answer> => world.ask('PUT', `/v1/tenants/acme${path}`, body);
const credit = async () => (await world.ask('GET', '/v1/tenants/acme/credit')).body;
const ofType = async (type: string) =>
  (await world.events('acme')).filter((event) => event.type === type).map(({ data }) => data);
const has = (type: string, count: number) =>
  world.until(`${count} of ${type}`, async () => (await ofType(type)).length === count);

/** The subjects of the mails that came since the last look; those of one instant may come in any order. */
async function newMails(count: number): Promise<readonly string[]> {
  const { taken } = world.mailServer;
  await world.until(`${count} more mails`, async () => taken.length >= mailsRead + count);
  const mails = taken.slice(mailsRead);
  mailsRead = taken.length;
  expect(new Set(mails.map(({ recipients }) => recipients.join()))).toEqual(new Set(['compta@acme.example']));
  return mails.map(({ subject }) => subject).toSorted();
}

/** A call that has just ended, as its switch reports it; what the ledger made of it. */
async function call(minutes: number, called: string, change: object = {}): Promise<Readonly<Record<string, unknown>>> {
  const id = `call-${(calls += 1)}`;
  const endMs = world.clock.nowMs;
  const answerTime = new Date(endMs - minutes * 60_000).toISOString();
  const cdr = {
    id,
    tenant: 'acme',
    calledNumber: called,
    userPrincipalName: ZOE,
    answerTime,
    endTime: new Date(endMs).toISOString(),
  };
  const sent = await world.ask('POST', '/v1/cdrs?source=switch', { ...cdr, usageMs: minutes * 60_000, ...change });
  expect(sent).toMatchObject({ status: 200, body: { totals: { accepted: 1 } } });
  const debits = () => ofType('CallDebited.v1');
  await world.until(`the debit of ${id}`, async () => (await debits()).length === calls);
  return (await debits()).at(-1) as Readonly<Record<string, unknown>>;
}

function authorise(sessionId: string, called: string, change: object = {}): Promise<Answer> {
  return world.ask('POST', '/v1/authorizations', { tenant: 'acme', sessionId, called, user: ZOE, ...change });
}

const tollFree = { category: 'toll-free-inbound', direction: 'inbound' };

test('5 January: the account opens, a card buys 10 EUR for two months, and Zoe gets 120 minutes', async () => {
  expect((await put('', { currency: 'EUR' })).status).toBe(201);
  await put('/terms', { country: 'FR', billingCountry: 'FR', licensing: 'required', lotTermMonths: 2, lotWarningDays: 14 });
  expect(await authorise('before', BRITAIN)).toMatchObject({ status: 403, body: { code: 'NO_LICENCE' } });
  const recipients = { addresses: ['compta@acme.example'], language: 'fr' };
  expect((await put('/recipients', recipients)).body).toMatchObject({ changed: true });
  const licences = ['calling-plan-120', 'communications-credits'];
  expect(await put(`/users/${ZOE}/licences`, { country: 'FR', licences })).toMatchObject({
    status: 200,
    body: { changed: true },
  });
  expect(await authorise('no-money', BRITAIN)).toMatchObject({ status: 402, body: { code: 'NO_CREDIT' } });
  const bought = await world.ask(
    'POST',
    '/v1/tenants/acme/purchases',
    { amount: '10', method: 'card' },
    { 'idempotency-key': 'first' },
  );
  expect(bought.status).toBe(202);
  await has('CreditPurchased.v1', 1);
  expect(await credit()).toMatchObject({ balance: '10', available: '10' });
  expect(await newMails(1)).toEqual(['Recharge de 10,00 € pour acme : paiement réussi']);
});

test('January: included minutes first; the call that outlasts them is split, and the rest costs 10 × 0.02', async () => {
  turnTo('2026-01-20T15:00:00Z');
  expect(await call(100, FRANCE)).toMatchObject({
    amount: '0',
    coverage: 'pool',
    pool: { usedMs: 6_000_000, remainingMs: 1_200_000 },
  });
  expect(await newMails(1)).toEqual(['80 % des minutes nationales incluses de acme sont utilisées']);
  expect(await call(30, FRANCE)).toMatchObject({
    amount: '0.2',
    pool: { usedMs: 1_200_000, remainingMs: 0 },
    rest: { fromSecond: 1_200, billedUsageSeconds: 600, amount: '0.2' },
    unauthorised: null,
  });
  expect(await newMails(1)).toEqual(['Les minutes nationales incluses de acme sont épuisées']);
  // Abroad is not included in a domestic plan: 20 × 0.05.
  expect(await call(20, BRITAIN)).toMatchObject({ amount: '1', coverage: 'credit', balance: '8.8' });
});

test('February: the pool is full again, and the books of January are closed', async () => {
  turnTo('2026-02-02T10:00:00Z');
  expect(await authorise('february', FRANCE)).toMatchObject({
    status: 201,
    body: { coverage: 'pool', grantedSeconds: 300, held: { amount: '0', poolSeconds: 300 } },
  });
  expect(await call(4, FRANCE, { sessionId: 'february' })).toMatchObject({
    amount: '0',
    pool: { usedMs: 240_000, remainingMs: 6_960_000 },
    releases: { amount: '0', pool: { heldMs: 300_000 } },
  });
  expect(await ofType('PeriodClosed.v1')).toMatchObject([
    { month: '2026-01', opening: '0', purchased: '10', debited: '1.2', balance: '8.8', callsDebited: 3 },
  ]);
});

test('19 February: a warning; 5 March: what is left of the lot expires, and the card that should recharge has expired too', async () => {
  turnTo('2026-02-19T09:30:00Z');
  await has('LotExpiryWarned.v1', 1);
  expect((await ofType('LotExpiryWarned.v1'))[0]).toMatchObject({ amount: '8.8', expiresAt: '2026-03-05T09:00:00.000Z' });
  expect(await newMails(1)).toEqual(['Crédit de acme : 8,80 € expirent le 5 mars 2026']);
  await world.simulator.setBehaviours('acme', ['expired-card']);
  expect((await put('/auto-recharge', { trigger: '5', amount: '20' })).status).toBe(200);
  turnTo('2026-03-05T09:00:00Z');
  await has('RechargeFailed.v1', 1);
  expect(await ofType('LotExpired.v1')).toMatchObject([{ amount: '8.8', effectiveAt: '2026-03-05T09:00:00.000Z', balance: '0' }]);
  expect((await ofType('RechargeFailed.v1'))[0]).toMatchObject({ code: 'expired-card', autoRechargeSuspended: true });
  expect(await credit()).toMatchObject({ balance: '0', available: '0', lots: [] });
  expect(await newMails(3)).toEqual([
    'La recharge automatique de acme est suspendue',
    'Le solde de acme est épuisé',
    'Recharge de 20,00 € pour acme : échec du paiement',
  ]);
});

test('at zero: toll-free and abroad are refused, included minutes and emergencies go on', async () => {
  turnTo('2026-03-06T09:00:00Z');
  expect(await authorise('toll-free', TOLL_FREE, tollFree)).toMatchObject({ status: 402, body: { code: 'NO_CREDIT' } });
  expect(await authorise('abroad', BRITAIN)).toMatchObject({ status: 402, body: { code: 'NO_CREDIT' } });
  expect(await authorise('home', FRANCE)).toMatchObject({ status: 201, body: { coverage: 'pool' } });
  expect(await authorise('emergency', '112')).toMatchObject({ status: 201, body: { coverage: 'emergency' } });
  // The switch let it through all the same: it is debited, marked, and overdrawn. 10 × 0.03.
  expect(await call(10, TOLL_FREE, { ...tollFree, userPrincipalName: undefined })).toMatchObject({
    amount: '0.3',
    unauthorised: 'NO_CREDIT',
    overdraft: '0.3',
    balance: '-0.3',
  });
  world.clock.nowMs += 10 * DAY_MS;
  expect(await ofType('RechargeRequested.v1')).toHaveLength(2);
});

test('16 March: a person has put in another card and resumes; the overdraft is repaid first, and toll-free rings again', async () => {
  await world.simulator.setBehaviours('acme', ['success']);
  expect(await world.ask('POST', '/v1/tenants/acme/auto-recharge/resume', { author: 'ada' })).toMatchObject({
    body: { changed: true },
  });
  await has('CreditPurchased.v1', 2);
  expect((await ofType('CreditPurchased.v1'))[1]).toMatchObject({
    amount: '20',
    overdraftRepaid: '0.3',
    lot: { amount: '19.7' },
  });
  expect(await authorise('toll-free-again', TOLL_FREE, tollFree)).toMatchObject({
    status: 201,
    body: { held: { amount: '0.15' } },
  });
  expect(await newMails(1)).toEqual(['Recharge de 20,00 € pour acme : paiement réussi']);
  expect(await credit()).toMatchObject({ balance: '19.7', reserved: '0.15', available: '19.55' });
});

test('each cause was mailed once, and the mails say what the stream says', () => {
  const { taken } = world.mailServer;
  expect(taken).toHaveLength(mailsRead);
  expect(new Set(taken.map(({ messageId }) => messageId)).size).toBe(taken.length);
  const textOf = (part: string) => taken.find(({ subject }) => subject.includes(part))?.text;
  expect(textOf('80 %')).toContain('En janvier 2026, 100 des 120 minutes nationales du forfait');
  expect(textOf('Crédit')).toContain('8,80 € du crédit acheté sous acme:first ne sont pas encore utilisés');
  expect(textOf('échec')).toContain('n’a pas été payée : la carte a expiré (expired-card).');
  expect(textOf('Le solde')).toContain('Le solde est de 0,00 €.');
  expect(taken.at(-1)?.text).toContain(
    'La recharge automatique de 20,00 € a été payée et ajoutée au solde, qui est maintenant de 19,70 €',
  );
});

test('the stream explains every cent, and no gateway was asked more than it should have been', async () => {
  const events = await world.events('acme');
  const facts = auditStream(events);
  expect(facts.balanceSteps).toBe(197_000n);
  expect(new Set(facts.debits.values())).toEqual(new Set([1]));
  expect((await ofType('PeriodClosed.v1')).map(({ month, balance }) => [month, balance])).toEqual([
    ['2026-01', '8.8'],
    ['2026-02', '8.8'],
  ]);
  expect(world.simulator.payments().map(({ amount, status }) => [amount, status])).toEqual([
    ['10', 'paid'],
    ['20', 'declined'],
    ['20', 'paid'],
  ]);
});
