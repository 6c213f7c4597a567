// The proof of a ledger: of one that is right it finds nothing; each line finds what it is there for, also where whoever changed the
// history has made the hash chain fit.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { hashOfEvent, idOfHash } from '@tollkeeper/ledger';
import type { CheckName, LedgerDifference } from './findings.js';
import { heldOf, heldStore, rechained, type Held } from './held-store.fixture.js';
import { NOW_MS, openLedger, type Ledger } from './ledger.fixture.js';
import {
  mergedVerification,
  verifyLedger,
  type LedgerParts,
  type LedgerVerification,
  type VerifyLedgerOptions,
} from './verify-ledger.js';

let ledger: Ledger;
let events: readonly RecordedEvent[];
beforeAll(async () => {
  ledger = await openLedger();
  events = await ledger.events();
});
afterAll(() => ledger.close());

type Run = Partial<VerifyLedgerOptions> & { readonly parts?: Partial<LedgerParts> };

function verified({ parts, ...options }: Run = {}): Promise<LedgerVerification> {
  const { store, decks, ring, readStore, gateway } = ledger;
  const all = { store, decks, ring, readStore, gateway, ...parts };
  return verifyLedger(all, { nowMs: NOW_MS, ...options });
}

type Change = (data: any, event: RecordedEvent) => void;

/** The history as somebody would have rewritten it: events changed or left out, and every hash made to fit. */
function rewritten(change: Change, keep: (event: RecordedEvent) => boolean = () => true): EventStore {
  const changed = events.filter(keep).map((event) => {
    const data = structuredClone(event.data);
    change(data, event);
    return { ...event, data };
  });
  return heldStore(heldOf(rechained(changed)), ledger.store);
}

/** What the lines find, `tenant revision: text`; of no other line than those asked for. */
async function foundIn(only: readonly CheckName[], run: Run): Promise<readonly string[]> {
  const { differences, checks } = await verified({ only, ...run });
  expect(checks.reduce((sum, { differ }) => sum + differ, 0)).toBe(differences.length);
  return differences.map(({ tenant, revision, found }: LedgerDifference) => `${tenant} ${revision}: ${found}`);
}

const at = (type: string, tenant: string, nth = 0): RecordedEvent =>
  events.filter((event) => event.type === type && event.stream === `credit-${tenant}`)[nth] as RecordedEvent;
const isAt = (event: RecordedEvent, other: RecordedEvent): boolean => event.id === other.id;

describe('a ledger that is right', () => {
  test('has every line looked at, and nothing differs', async () => {
    const { checks, differences, events: read, trialBalance } = await verified();
    expect(differences).toEqual([]);
    expect(read).toBe(events.length);
    const checked = new Map(checks.map(({ name, checked: count }) => [name, count]));
    expect(Object.fromEntries(checked)).toMatchObject({
      'hash chain': read,
      'rate decks': 5,
      balances: read,
      months: 3,
      pools: events.filter(({ type }) => /^(CallDebited|CallReversed|Reservation)/.test(type)).length,
      recharges: 4,
      payments: 2,
      calls: events.filter(({ type }) => type === 'CallDebited.v1' || type === 'CallNotBillable.v1').length,
      charges: events.filter(({ type }) => type === 'CallDebited.v1').length,
      'projection balance': 3,
    });
    expect(checked.get('trial balance')).toBeGreaterThan(50);
    expect(checked.get('projection calls')).toBeGreaterThan(50);
    expect(trialBalance.map(({ account }) => account)).toEqual([
      'adjustments',
      'call-revenue',
      'cash-clearing',
      'expired-credit',
      'tenant-credit',
    ]);
    for (const line of checks) expect(line).toMatchObject({ differ: 0 });
  });

  test('is right for one tenant too, and where the store gives parsed JSON only', async () => {
    const one = await verified({ tenant: 'coda' });
    expect(one.differences).toEqual([]);
    expect(one.events).toBe(events.filter(({ stream }) => stream === 'credit-coda').length);
    const parsed = await verified({ parts: { store: heldStore(heldOf(events), ledger.store) } });
    expect(parsed.differences).toEqual([]);
    expect(parsed.events).toBe(events.length);
  });

  test('what is not at hand is not checked, says why, and does not differ', async () => {
    const none = { notChecked: 'set it' };
    const { checks, differences } = await verified({ parts: { decks: none, ring: none, readStore: none, gateway: none } });
    expect(differences).toEqual([]);
    expect(checks.filter(({ notChecked }) => notChecked === 'set it').map(({ name }) => name)).toEqual([
      'payments',
      'charges',
      'projections',
    ]);
  });
});

describe('the hash chain', () => {
  const withOne = (change: (event: Held) => void): EventStore => {
    const held = heldOf(events);
    change(held.find(({ stream, revision }) => stream === 'credit-acme' && revision === 7) as Held);
    return heldStore(held, ledger.store);
  };

  test('names the event behind one whose hash and id were made to fit', async () => {
    const store = withOne((event) => {
      const data = { ...JSON.parse(event.data.toString()), balance: '1000' };
      const { previousHash } = JSON.parse(event.metadata.toString());
      const hash = hashOfEvent({ ...event, data }, previousHash);
      Object.assign(event, {
        id: idOfHash(hash),
        data: Buffer.from(JSON.stringify(data)),
        metadata: Buffer.from(JSON.stringify({ hash, previousHash })),
      });
    });
    expect(await foundIn(['hash chain'], { parts: { store } })).toEqual(['acme 8: it does not name the hash of revision 7']);
  });

  test('covers all of the metadata', async () => {
    const store = withOne((event) => {
      event.metadata = Buffer.from(JSON.stringify({ ...JSON.parse(event.metadata.toString()), note: 'added' }));
    });
    expect(await foundIn(['hash chain'], { parts: { store } })).toEqual([
      'acme 7: its metadata is not the two hashes that were written',
    ]);
  });

  test('goes on behind an event that cannot be read, of all tenants and of one', async () => {
    const store = withOne((event) => void (event.data = Buffer.from('{')));
    const unread = ['acme 7: it cannot be read: revision 7 of credit-acme is no JSON'];
    expect(await foundIn(['hash chain'], { parts: { store } })).toEqual(unread);
    const one = await verified({ only: ['hash chain'], tenant: 'acme', parts: { store } });
    expect(one.differences.map(({ found }) => found)).toEqual(['it cannot be read: revision 7 of credit-acme is no JSON']);
    expect(one.checks).toMatchObject([{ checked: events.filter(({ stream }) => stream === 'credit-acme').length }]);
    // Wanted or not, and once where several threads have met it.
    const run = (only: CheckName) => verified({ only: [only], parts: { store } });
    const { checks, differences } = mergedVerification([await run('calls'), await run('rate decks')]);
    expect(checks.map(({ name }) => name)).toEqual(['hash chain', 'rate decks', 'calls']);
    expect(differences).toMatchObject([{ check: 'hash chain', revision: 7 }]);
  });
});

describe('a history rewritten with a chain that holds', () => {
  const chain = (store: EventStore) => foundIn(['hash chain'], { parts: { store } });

  test('is found by the checkpoint, unlike one that was only added to', async () => {
    const file = join(ledger.folder, 'checkpoint');
    expect(await verified({ only: ['hash chain'], saveCheckpoint: file })).toMatchObject({ checkpointSaved: true });
    expect(await foundIn(['checkpoint'], { checkpoint: file })).toEqual([]);
    const store = rewritten((data, event) => void (isAt(event, at('AlertThresholdSet.v1', 'bolt')) && (data.threshold = '3')));
    expect(await chain(store)).toEqual([]);
    expect(await foundIn(['checkpoint'], { checkpoint: file, parts: { store } })).toEqual([
      expect.stringMatching(/^bolt \d+: the event that stands there is another/),
    ]);
    const without = rewritten(
      () => undefined,
      ({ stream, revision }) => stream !== 'credit-acme' || revision < 10,
    );
    expect(await chain(without)).toEqual([]);
    expect(await foundIn(['checkpoint'], { checkpoint: file, parts: { store: without } })).toEqual([
      expect.stringMatching(/^acme \d+: the stream had this revision/),
    ]);
    expect(await foundIn(['checkpoint'], { checkpoint: file, tenant: 'coda', parts: { store } })).toEqual([]);
  });

  test('is not saved as a checkpoint while anything in it differs, and half a checkpoint is none', async () => {
    const file = join(ledger.folder, 'another');
    const held = heldOf(events);
    held.splice(5, 1);
    const cut = heldStore(held, ledger.store);
    expect(await verified({ only: ['hash chain'], saveCheckpoint: file, parts: { store: cut } })).toMatchObject({
      checkpointSaved: false,
    });
    await verified({ only: ['hash chain'], saveCheckpoint: file });
    const text = readFileSync(file, 'utf8');
    for (const half of [text.slice(0, text.lastIndexOf('{')), text.replace('credit-acme', 'credit-acne'), '{}\n']) {
      writeFileSync(file, half);
      await expect(verified({ only: ['checkpoint'], checkpoint: file })).rejects.toThrow('is no whole checkpoint');
    }
  });

  test('an amount that is another shows in the balances, the trial balance, the charges and the month', async () => {
    const debit = at('CallDebited.v1', 'bolt', 3);
    const store = rewritten((data, event) => void (isAt(event, debit) && (data.amount = data.charge.amount = '0.01')));
    expect(await chain(store)).toEqual([]);
    const place = `bolt ${debit.revision}:`;
    expect(await foundIn(['balances'], { parts: { store } })).toEqual([expect.stringMatching(`^${place} .*the balance after`)]);
    expect(await foundIn(['charges'], { parts: { store } })).toEqual([expect.stringMatching(`^${place} CDR .*amount "0.01"`)]);
    expect(await foundIn(['months'], { parts: { store } })).toEqual([expect.stringMatching(/^bolt \d+: debited is/)]);
    const adviceIn = async (changed: EventStore) =>
      (await verified({ only: ['charges'], parts: { store: changed } })).differences.map(({ advice }) => advice);
    expect(await adviceIn(store)).toEqual([expect.stringContaining('tollkeeper rerate')]);
    const taken = rewritten((data, event) => void (isAt(event, debit) && (data.amount = '0.01')));
    expect(await adviceIn(taken)).toEqual([expect.stringContaining('tollkeeper adjust')]);
    const posted = rewritten((data, event) => void (isAt(event, debit) && (data.posting.amount = '0.01')));
    expect(await foundIn(['trial balance'], { parts: { store: posted } })).toEqual([
      expect.stringMatching(/^bolt null: its postings/),
      expect.stringMatching(/^null null: tenant-credit stands at/),
    ]);
  });

  test.each<[string, string, Change]>([
    ['an available balance', 'CallDebited.v1', (data) => (data.available = '99')],
    ['a lot', 'CallDebited.v1', (data) => (data.lots = [])],
    ['an account of the posting', 'CallDebited.v1', (data) => (data.posting.credit = 'adjustments')],
    ['a hold', 'ReservationMade.v1', (data) => (data.amount = '0.01')],
    ['a tenant', 'CallDebited.v1', (data) => (data.tenant = 'bolt')],
    ['no amount at all', 'CallDebited.v1', (data) => (data.amount = 'much')],
  ])('%s that is another is found by the balances', async (_, type, change) => {
    const event = at(type, 'acme', 1);
    const store = rewritten((data, other) => void (isAt(other, event) && change(data, other)));
    const [first] = await foundIn(['balances'], { parts: { store } });
    expect(first).toMatch(new RegExp(`^acme ${event.revision}: `));
  });

  test('a month that was never closed, or closed with other sums', async () => {
    const closed = at('PeriodClosed.v1', 'coda');
    const unclosed = rewritten(
      () => undefined,
      (event) => !isAt(event, closed),
    );
    expect(await foundIn(['months'], { parts: { store: unclosed } })).toEqual([
      `coda ${closed.revision}: 2026-01 was never closed`,
    ]);
    const store = rewritten((data, event) => void (isAt(event, closed) && (data.events += 1)));
    expect(await foundIn(['months'], { parts: { store } })).toEqual([
      expect.stringMatching(`^coda ${closed.revision}: events is`),
    ]);
  });

  test('a call that is debited twice, turned round twice, or debited anew without that', async () => {
    const lastOf = (stream: string) => Math.max(...events.flatMap((event) => (event.stream === stream ? [event.revision] : [])));
    const again = (copied: RecordedEvent) => {
      const position = (events.at(-1)?.position ?? 0n) + 1n;
      const copy = { ...copied, position, revision: lastOf(copied.stream) + 1 };
      return foundIn(['calls'], { parts: { store: heldStore(heldOf(rechained([...events, copy])), ledger.store) } });
    };
    expect(await again(at('CallDebited.v1', 'acme', 1))).toEqual([
      expect.stringMatching(`^acme ${lastOf('credit-acme') + 1}: CDR acme-.* stands in the ledger already`),
    ]);
    const reversed = events.find(({ type }) => type === 'CallReversed.v1') as RecordedEvent;
    const tenant = reversed.stream.replace('credit-', '');
    expect(await again(reversed)).toEqual([
      expect.stringMatching(`^${tenant} ${lastOf(reversed.stream) + 1}: CDR .* is turned round once more`),
    ]);
    const alone = rewritten(
      () => undefined,
      (event) => !isAt(event, reversed),
    );
    expect(await foundIn(['calls'], { parts: { store: alone } })).toEqual([
      expect.stringMatching(`^${tenant} ${reversed.revision}: CDR .*was not turned round right before it`),
    ]);
  });

  test('recharges that were not due, not credited, or paid twice', async () => {
    const requested = at('RechargeRequested.v1', 'acme');
    const early = rewritten((data, event) => void (isAt(event, requested) && (data.available = '5')));
    expect(await foundIn(['recharges'], { parts: { store: early } })).toEqual([
      `acme ${requested.revision}: an automatic recharge was asked for at 5, which is not below the trigger 5`,
    ]);
    const [paid, credited] = [at('RechargeSucceeded.v1', 'acme'), at('CreditPurchased.v1', 'acme')];
    const uncredited = rewritten(
      () => undefined,
      (event) => !isAt(event, credited),
    );
    expect(await foundIn(['recharges'], { parts: { store: uncredited } })).toEqual([
      `acme ${paid.revision}: recharge acme.${requested.revision} was paid and no credit follows`,
    ]);
    const unpaid = rewritten(
      () => undefined,
      (event) => !isAt(event, paid),
    );
    expect(await foundIn(['recharges'], { parts: { store: unpaid } })).toEqual([
      expect.stringMatching(/^acme \d+: it credits a recharge, and no payment stands before it/),
    ]);
    const shared = rewritten((data, { type }) => {
      if (type === 'RechargeSucceeded.v1') data.paymentReference = 'pay-1';
      if (type === 'CreditPurchased.v1' && data.origin.kind === 'recharge') data.origin.paymentReference = 'pay-1';
    });
    expect(await foundIn(['recharges'], { parts: { store: shared } })).toEqual([expect.stringContaining('paid recharge acme.')]);
    const byHand = rewritten((data, { type }) => void (type === 'RechargeRequested.v1' && (data.cause = 'auto')));
    expect(await foundIn(['recharges'], { parts: { store: byHand } })).toEqual([
      expect.stringContaining('without a policy'),
      expect.stringContaining('without a policy'),
      expect.stringContaining('without a policy'),
    ]);
  });
});
