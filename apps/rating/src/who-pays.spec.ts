// The rating program's part in who pays: the CDR's user, destination and session reach the account, and so does what a usage report
// needs; who they are does not.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type DebitCall, type LedgerCommand } from '@tollkeeper/ledger';
import { prepareNames, personOf } from '@tollkeeper/people';
import { compileIntake, isDeckRejection, parseDeck, parseSources, readCdrs } from '@tollkeeper/rating';
import { openKeyRing, openKeyStore, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { commandOf } from './command-of.js';

const NOON_MS = Date.parse('2026-03-03T12:00:00Z');
const ZOE = { userId: '7f3c', userPrincipalName: 'Zoe@Acme.example', userDisplayName: 'Zoë Martin' };

let folder: string;
let store: EventStore;
let keys: KeyStore;
let ring: KeyRing;
let writer: StreamWriter<never, LedgerCommand, never, never>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-who-pays-'));
  store = inMemoryEventStore();
  keys = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`, {});
  ring = openKeyRing(keys);
  writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 }) as unknown as typeof writer;
  await prepareNames(ring, 'acme');
  await ring.prepare([{ tenant: 'acme', month: '2026-03' }]);
  await run({ kind: 'open-account', nowMs: NOON_MS - 86_400_000, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
});
afterEach(async () => {
  await Promise.all([store.close(), keys.close()]);
  rmSync(folder, { recursive: true });
});

async function run(command: LedgerCommand): Promise<void> {
  await writer.execute(streamOf('acme'), [command]);
}

/** The command that rating makes of a record in the canonical format. */
function commanded(change: object, unratedCalls: 'dead-letter' | 'free' = 'dead-letter'): DebitCall {
  const parsed = parseSources([{ name: 'switch', trustTenantField: true }]);
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  const deck = parseDeck('prefix,rate\n33,0.02\n1,0.01\n', { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  const times = { answerTime: '2026-03-03T11:50:00Z', endTime: '2026-03-03T11:55:00Z' };
  const record = {
    id: 'call-1',
    tenant: 'acme',
    calledNumber: '+33123456789',
    callingNumber: '+33611223344',
    ...times,
    ...ZOE,
    ...change,
  };
  const [source] = compiled.intake.sources.values();
  const read = source && readCdrs(Buffer.from(JSON.stringify(record)), source, compiled.intake);
  if (read === undefined || 'code' in read) throw new Error(JSON.stringify(read));
  const origin = { kind: 'http', record: 1, requestId: 'test' } as const;
  const identified = { prepared: read.prepared[0] as never, tenant: 'acme', rawSha256: 'ab'.repeat(32), origin };
  const tariff = { currency: 'EUR', planAt: () => 'default' };
  const command = commandOf(identified, { tariff, deckAt: () => deck, unratedCalls }, ring, NOON_MS);
  if (!('kind' in command) || command.kind !== 'debit-call') throw new Error(JSON.stringify(command));
  return command;
}

async function debited(command: DebitCall): Promise<Readonly<Record<string, unknown>>> {
  await run(command);
  for await (const [event] of store.readStream(streamOf('acme'), { backwards: true, maxCount: 1 })) return event?.data ?? {};
  throw new Error('nothing was recorded');
}

async function holds(user: string, licences: readonly ('calling-plan-120' | 'communications-credits')[]): Promise<void> {
  const person = personOf(ring, 'acme', user);
  if (person === undefined) throw new Error('the key is gone');
  await run({ kind: 'assign-licences', nowMs: NOON_MS - 3_600_000, ...person, country: 'FR', licences, fromMs: 0 });
}

describe('the user of a CDR', () => {
  test.each(['zoe@acme.example', ' ZOE@ACME.EXAMPLE ', '7F3C'])('holds what was assigned to %p', async (assigned) => {
    await holds(assigned, ['calling-plan-120']);
    expect(await debited(commanded({}))).toMatchObject({ amount: '0', coverage: 'pool', pool: { usedMs: 300_000 } });
  });

  test('is known to the ledger by pseudonym only', async () => {
    const command = commanded({});
    expect(command.traits?.users).toEqual([ring.pseudonym('acme', '7f3c'), ring.pseudonym('acme', 'zoe@acme.example')]);
    const text = JSON.stringify(await debited(command)).toLowerCase();
    for (const secret of ['zoe', '7f3c', '33123456789', '33611223344']) expect(text).not.toContain(secret);
  });

  test('without a licence where one is required is debited all the same, and marked', async () => {
    await run({ kind: 'set-terms', nowMs: NOON_MS - 3_600_000, terms: { licensing: 'required' } });
    expect(await debited(commanded({}))).toMatchObject({ amount: '0.1', unauthorised: 'NO_LICENCE' });
  });
});

test('the destination decides by its country: another one is not in a domestic plan', async () => {
  await holds('zoe@acme.example', ['calling-plan-120']);
  expect(commanded({ calledNumber: '+14165550123' }).traits?.destinationCountry).toBe('CA');
  expect(await debited(commanded({ calledNumber: '+14165550123' }))).toMatchObject({ coverage: 'credit', amount: '0.05' });
});

test('a call that is given free since no row prices it is marked as unsupported', async () => {
  const command = commanded({ calledNumber: '+81312345678' }, 'free');
  expect(await debited(command)).toMatchObject({ amount: '0', unauthorised: 'UNSUPPORTED_DESTINATION' });
});

test('8.12 every input of the report that the switch knows stands in the debit, names and numbers sealed', async () => {
  const report = {
    callType: 'user_out',
    capability: 'Teams',
    destinationName: 'France',
    domesticOrInternational: 'Domestic',
    numberType: 'User',
    switchCharge: '0.1',
    switchConnectionCharge: '0',
    switchCurrency: 'EUR',
    userLocation: 'FR',
  };
  const data = await debited(commanded({ ...report, callId: 'c', conferenceId: 'k', direction: 'outbound', sessionId: 's' }));
  const told = { callingCountry: 'FR', destinationCountry: 'FR', direction: 'outbound', namesUser: true };
  expect(data['report']).toEqual({ ...report, ...told });
  expect(data['cdr']).toMatchObject({ callId: 'c', conferenceId: 'k', sessionId: 's', usageMs: 300_000 });
  expect(await ring.unseal('acme', 'switch\u0000call-1', String(data['parties']))).toEqual({
    called: '+33123456789',
    calling: '+33611223344',
    ...ZOE,
  });
});
