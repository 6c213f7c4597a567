// Mails, from the ledger's events to a real SMTP server's mailbox: to whom they go, and that each is sent once.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { onEachReadStore } from './engines.fixture.js';
import { DAY_MS, FROM, HOUR_MS, World, type Told } from './fixtures.js';
import { MAIL_LEASE_MS } from './mail-outbox.js';
import { messageIdOf } from './mailer.js';
import { NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';
import { MailServer } from './smtp-server.fixture.js';

const ZERO: Told = { type: 'CallDebited.v1', amount: '10', balance: '0', pool: null, cdr: { id: 'cdr-1' } };
const BOUGHT: Told = { type: 'CreditPurchased.v1', amount: '10', balance: '10', origin: { kind: 'invoice', reference: 'INV-1' } };

await onEachReadStore('mails', (createPlace) => {
  let world: World;
  let server: MailServer;
  const runners: NotificationsRunner[] = [];

  beforeEach(async () => {
    world = await World.begin(createPlace);
    server = await MailServer.open();
  });
  afterEach(async () => {
    await server.down();
    await Promise.all(runners.splice(0).map((runner) => runner.beforeApplicationShutdown()));
    await world.end();
  });

  const runnerOf = (change: Partial<NotificationsOptions> = {}): NotificationsRunner => {
    const runner = new NotificationsRunner(world.options({ mail: world.mailTo(server.url), ...change }));
    runners.push(runner);
    return runner;
  };
  const sendAll = async (runner: NotificationsRunner): Promise<void> => {
    await world.follow(runner.projector);
    await runner.mails?.sendDue();
  };
  const statuses = async (): Promise<readonly unknown[]> =>
    (await world.notices()).map(({ mail_status, mail_error }) => [mail_status, mail_error]);

  const begin = async (...told: readonly Told[]): Promise<void> => {
    await world.tell('acme', BOUGHT);
    await world.tellRecipients('acme', { addresses: ['ops@acme.example'], language: 'en' });
    await world.tell('acme', ...(told.length > 0 ? told : [ZERO]));
  };

  test('are sent once, however often events come and whoever looks again', async () => {
    await begin();
    await sendAll(runnerOf());
    const again = runnerOf();
    await sendAll(again);
    await world.follow(again.projector);
    await again.mails?.sendDue();
    expect(server.received).toHaveLength(1);
  });

  test('a rebuild sends nothing again', async () => {
    await begin();
    const runner = runnerOf();
    await sendAll(runner);
    const before = await world.notices();
    await runner.rebuild();
    expect(await world.readStore.db.selectFrom('notice_account').selectAll().execute()).toEqual([]);
    await sendAll(runner);
    expect(await world.readStore.db.selectFrom('notice_account').selectAll().execute()).toHaveLength(1);
    expect(await world.notices()).toEqual(before);
    expect(server.received).toHaveLength(1);
  });

  test('a notice that is due waits in a rebuild until its tenant’s row knows the recipients of its time', async () => {
    await world.tellRecipients('acme', { addresses: ['old@acme.example'], language: 'en' });
    await begin();
    const runner = runnerOf();
    await world.follow(runner.projector);
    await runner.rebuild();
    await world.followUpTo(runner.projector, 2);
    await runner.mails?.sendDue();
    expect(server.received).toEqual([]);
    await sendAll(runner);
    expect(server.received.map(({ recipients }) => recipients)).toEqual([['ops@acme.example']]);
  });

  test('go to those who are recipients when they are sent', async () => {
    await begin();
    const runner = runnerOf();
    await world.follow(runner.projector);
    await world.tellRecipients('acme', { addresses: ['new@acme.example'], language: 'fr' });
    await sendAll(runner);
    expect(server.received.map(({ recipients, subject }) => [recipients, subject])).toEqual([
      [['new@acme.example'], 'Le solde de acme est épuisé'],
    ]);
  });

  test.each<[string, () => Promise<void>]>([
    ['never set', async () => {}],
    ['none', () => world.tellRecipients('acme', { addresses: [], language: 'en' })],
  ])('recipients that are %s are nobody to tell', async (_, recipients) => {
    await world.tell('acme', BOUGHT);
    await recipients();
    await world.tell('acme', ZERO);
    await sendAll(runnerOf());
    expect(await statuses()).toEqual([['nobody', null]]);
  });

  test('recipients that cannot be opened are tried again: the key store may be the wrong one for now', async () => {
    await world.tell('acme', BOUGHT);
    await world.tell('acme', { type: 'RecipientsSet.v1', sealedRecipients: `v1.9999-12.${'A'.repeat(60)}` }, ZERO);
    await sendAll(runnerOf());
    expect(await statuses()).toEqual([['due', 'key-missing']]);
  });

  test('recipients outlive the erasing of months', async () => {
    await begin();
    await world.ring.destroy('acme', '9999-12', 'test');
    await sendAll(runnerOf());
    expect(await statuses()).toEqual([['sent', null]]);
  });

  test('a server that is down is tried again until it is up', async () => {
    await begin();
    await server.down();
    const runner = runnerOf();
    await sendAll(runner);
    expect(await statuses()).toEqual([['due', expect.stringMatching(/^E/)]]);
    await runner.mails?.sendDue();
    expect((await world.notices())[0]?.mail_attempts).toBe(1);
    world.nowMs += HOUR_MS;
    await runner.mails?.sendDue();
    await server.up();
    world.nowMs += HOUR_MS;
    await runner.mails?.sendDue();
    expect(await statuses()).toEqual([['sent', null]]);
    expect((await world.notices())[0]?.mail_attempts).toBe(3);
    expect(server.received).toHaveLength(1);
  });

  test('a server that stays down is given up when the notice is no news any more', async () => {
    await begin();
    await server.down();
    const runner = runnerOf();
    await sendAll(runner);
    for (let hours = 0; hours < 80; hours += 1) {
      world.nowMs += HOUR_MS;
      await runner.mails?.sendDue();
    }
    expect(await statuses()).toEqual([['gave-up', expect.any(String)]]);
    expect((await world.notices())[0]?.mail_attempts).toBeLessThan(80);
  });

  test('a recipient that the server refuses for now is tried again, one that it refuses for good is not', async () => {
    await begin();
    server.refused.set('*', { code: 450, text: 'greylisted' });
    const runner = runnerOf();
    await sendAll(runner);
    expect(await statuses()).toEqual([['due', '450']]);
    server.refused.set('*', { code: 550, text: 'no such mailbox' });
    world.nowMs += HOUR_MS;
    await runner.mails?.sendDue();
    expect(await statuses()).toEqual([['refused', '550']]);
  });

  test('one refused recipient of two does not keep the other from being told', async () => {
    await world.tell('acme', BOUGHT);
    await world.tellRecipients('acme', { addresses: ['gone@acme.example', 'ops@acme.example'], language: 'en' });
    await world.tell('acme', ZERO);
    server.refused.set('gone@acme.example', { code: 550, text: 'no such mailbox' });
    await sendAll(runnerOf());
    expect(server.received.map(({ recipients }) => recipients)).toEqual([['ops@acme.example']]);
    expect(await statuses()).toEqual([['sent', null]]);
  });

  test('two senders at once send each mail once', async () => {
    await world.tell('acme', BOUGHT);
    await world.tellRecipients('acme', { addresses: ['ops@acme.example'], language: 'en' });
    const lots = Array.from({ length: 24 }, (_, n): Told => ({
      type: 'LotExpiryWarned.v1',
      amount: '1',
      lotId: `lot-${n}`,
      expiresAt: '2026-04-01T00:00:00.000Z',
    }));
    await world.tell('acme', ...lots);
    const [one, two] = [runnerOf(), runnerOf({ readStore: await world.anotherStore() })];
    await world.follow(one.projector);
    await Promise.all([one.mails?.sendDue(), two.mails?.sendDue()]);
    expect(server.received).toHaveLength(24);
    expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(24);
  });

  test('a program that dies after the server took a mail leaves it to another, under the same Message-ID', async () => {
    await begin();
    await world.follow(runnerOf().projector);
    const sender = fileURLToPath(new URL('./mail-crash.fixture.js', import.meta.url));
    const env = {
      ...process.env,
      DATABASE_URL: world.place.url,
      KEYS_URL: world.place.keysUrl,
      SMTP_URL: server.url,
      NOW_MS: String(world.nowMs),
    };
    const child = spawn(process.execPath, [sender], {
      env: { ...env, FAILPOINT: 'notifications.after-smtp' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    expect(server.received).toHaveLength(1);
    const survivor = runnerOf();
    await survivor.mails?.sendDue();
    expect(server.received).toHaveLength(1);
    world.nowMs += MAIL_LEASE_MS + 1;
    await survivor.mails?.sendDue();
    expect(await statuses()).toEqual([['sent', null]]);
    const id = messageIdOf('balance-zero:acme:3', FROM);
    expect(server.received.map(({ messageId }) => messageId)).toEqual([id, id]);
  });

  test('what is old when it is first seen is told to nobody, as on a ledger with a past', async () => {
    await begin();
    world.nowMs += 4 * DAY_MS;
    await world.tell('acme', BOUGHT, ZERO);
    await sendAll(runnerOf());
    expect((await world.notices()).map(({ notice_id }) => notice_id)).toEqual(['balance-zero:acme:5']);
    expect(server.received).toHaveLength(1);
  });

  test('without a mail server none is kept for later', async () => {
    await begin();
    await sendAll(runnerOf({ mail: undefined }));
    expect(await statuses()).toEqual([['off', null]]);
    await sendAll(runnerOf());
    expect(server.received).toEqual([]);
  });

  test('a stream that cannot be folded sets its tenant aside, and no other', async () => {
    await world.tell('odd', { type: 'CallDebited.v1', amount: '1', balance: 'much', pool: null, cdr: { id: 'x' } });
    await begin();
    const options = world.options({ mail: world.mailTo(server.url) });
    const runner = new NotificationsRunner(options);
    runners.push(runner);
    await sendAll(runner);
    expect(options.readiness.snapshot().checks['notices:odd']).toMatchObject({ ok: false });
    expect(await statuses()).toEqual([['sent', null]]);
  });
});
