// A night of the worst kind: ten thousand calls across the trigger, a card that always declines, a gateway that takes the money and
// drops the answer, two payment programs, and both of them killed again and again. At most one payment a recharge, caps hold. Of
// each cause goes one mail, though the program that mails is killed again and again just when one has been taken.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@tollkeeper/event-store';
import { aCall, auditStream, describeOnEngines, OPEN_WITHIN_MS, Stage, stepsOf, type Program } from '../stage/index.js';
import { MailKiller } from './mail-killer.js';
import { causesIn, repeatsIn, toldIn } from './mail-oracle.js';

const CALLS = 10_000;
const TENANTS = {
  declined: 'card-declined',
  dropped: 'drop-reply',
  hanging: 'timeout-after-charging',
  capped: 'success',
} as const;
const CALLS_OF_TENANT = CALLS / Object.keys(TENANTS).length;
const AMOUNT = 5;
const MOST_PER_HOUR = 40;
/** Whole payments that fit into the cap; a test that crosses an hour sees the window slide. */
const MOST_PAYMENTS = (MOST_PER_HOUR / AMOUNT) * 2;
const KILLS = 6;
const MAIL_KILLS = 4;
const STORM_WITHIN_MS = 180_000;

await describeOnEngines('a recharge storm', (engines) => {
  let stage: Stage;
  let payments: Program[];
  let mails: MailKiller;
  const tenants = () => Object.keys(TENANTS).map((name) => stage.tenant(name));
  const allEvents = () => Promise.all(tenants().map((tenant) => stage.events(tenant)));
  const typed = (events: readonly RecordedEvent[], type: string) => events.filter((event) => event.type === type);

  beforeAll(async () => {
    mails = await MailKiller.open();
    stage = await Stage.open({ name: 'storm', engines, env: { SMTP_URL: mails.server.url } });
    await stage.startReady('simulator');
    for (const [name, behaviour] of Object.entries(TENANTS)) await stage.behave(stage.tenant(name), behaviour);
    const autoRecharge = { trigger: 10, amount: AMOUNT, maxPerHour: MOST_PER_HOUR };
    await stage.openAccounts(tenants(), { credit: 10, autoRecharge });
    const recipients = tenants().map((tenant) => [tenant, { addresses: [mailboxOf(tenant)], language: 'en' }] as const);
    await stage.setRecipients(Object.fromEntries(recipients));
    await stage.startReady('rating', 'projections');
    payments = [await stage.start('payments'), await stage.start('payments')];
    await Promise.all([mails.start(stage), ...payments.map((program) => program.waitReady())]);
  }, OPEN_WITHIN_MS);
  afterAll(async () => {
    await stage?.close();
    await mails?.server.close();
  }, 30_000);

  /**
   * One after the other as soon as each has asked for a payment, and then both again when both are back: a consumer group takes
   * eight seconds to notice its dead, and notices two of them in the same time.
   */
  async function killPayers(): Promise<void> {
    let paid = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      if (kill % 2 === 0) await Promise.all(payments.map((program) => program.waitReady()));
      // Whatever they are at: a payment asked for, an answer not yet written down.
      await stage.until('some more to be paid', async () => (await stage.payments()).length > paid);
      await payments[kill % 2]?.kill();
      paid = (await stage.payments()).length;
      payments[kill % 2] = await stage.start('payments');
    }
    await Promise.all(payments.map((program) => program.waitReady()));
  }

  test(
    `${CALLS} calls, ${KILLS} kills of payments and ${MAIL_KILLS} of notifications`,
    async () => {
      const calls = Array.from({ length: CALLS_OF_TENANT }, (_, at) =>
        tenants().map((tenant) => aCall({ id: `call-${at}`, tenant })),
      );
      await Promise.all([stage.publishCdrs(calls.flat()), killPayers(), mails.run(stage, MAIL_KILLS)]);
      await stage.until('the intake to be rated', async () => (await stage.lag()) === 0n, STORM_WITHIN_MS);
      await stage.until('every payment to be credited or declined', async () => {
        return (await allEvents()).every((events) => openAttempts(events) === 0);
      });
      await mails.settled(stage, (await allEvents()).flat());
    },
    2 * STORM_WITHIN_MS,
  );

  describe.each(Object.keys(TENANTS))('%s', (name) => {
    test('every call is debited once, and every payment is one recharge and one credit', async () => {
      const events = await stage.events(stage.tenant(name));
      const facts = auditStream(events);
      expect(facts.debits.size).toBe(CALLS_OF_TENANT);
      expect(new Set(facts.debits.values())).toEqual(new Set([1]));
      const paid = (await stage.payments()).filter(({ tenant, status }) => tenant === stage.tenant(name) && status === 'paid');
      expect(new Set(paid.map(({ rechargeId }) => rechargeId)).size).toBe(paid.length);
      const credited = typed(events, 'CreditPurchased.v1').slice(1);
      expect(credited.map(({ data }) => data['purchaseId']).toSorted()).toEqual(
        paid.map(({ rechargeId }) => rechargeId).toSorted(),
      );
    });

    test('the cap of an hour holds, one recharge is in flight, and the alarm is raised once an hour', async () => {
      const events = await stage.events(stage.tenant(name));
      const requested = typed(events, 'RechargeRequested.v1');
      expect(requested.length).toBeLessThanOrEqual(MOST_PAYMENTS);
      for (const { data } of requested) {
        const atMs = Date.parse(String(data['recordedAt']));
        const within = requested.filter((other) => {
          const otherMs = Date.parse(String(other.data['recordedAt']));
          return otherMs <= atMs && otherMs > atMs - 3_600_000;
        });
        expect(within.reduce((sum, other) => sum + stepsOf(String(other.data['amount'])), 0n)).toBeLessThanOrEqual(
          BigInt(MOST_PER_HOUR) * 10_000n,
        );
      }
      let open = 0;
      for (const { type } of events) {
        if (type === 'RechargeRequested.v1') open += 1;
        if (type === 'RechargeSucceeded.v1' || type === 'RechargeFailed.v1') open -= 1;
        expect(open).toBeLessThanOrEqual(1);
      }
      const alarms = typed(events, 'BurstDetected.v1').map(({ data }) => data['hour']);
      expect(new Set(alarms).size).toBe(alarms.length);
      if (name !== 'declined') expect(alarms.length).toBeGreaterThan(0);
    });
  });

  test('each cause was mailed once, and what came twice was in hand at a kill', async () => {
    const { taken } = mails.server;
    for (const tenant of tenants()) {
      const own = taken.filter(({ recipients }) => recipients.join() === mailboxOf(tenant));
      expect(toldIn(own)).toEqual(causesIn(await stage.events(tenant)));
    }
    const repeats = [...repeatsIn(taken)].filter(([, times]) => times > 0);
    for (const [messageId, times] of repeats) expect(times).toBeLessThanOrEqual(mails.inHand.get(messageId) ?? 0);
    expect([mails.kills, repeats.length > 0]).toEqual([MAIL_KILLS, true]);
  });

  test('a card that declines is tried once, and then left alone for an hour', async () => {
    const tried = (await stage.payments()).filter(({ tenant }) => tenant === stage.tenant('declined'));
    expect(tried.map(({ status, attempt }) => ({ status, attempt }))).toEqual([{ status: 'declined', attempt: 1 }]);
  });
});

function mailboxOf(tenant: string): string {
  return `billing@${tenant}.example`;
}

function openAttempts(events: readonly RecordedEvent[]): number {
  const ended = ['PaymentDeclined.v1', 'RechargeSucceeded.v1', 'RechargeFailed.v1'];
  return (
    events.filter(({ type }) => type === 'RechargeRequested.v1').length - events.filter(({ type }) => ended.includes(type)).length
  );
}
