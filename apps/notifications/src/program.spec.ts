// The notifications program as a process: the ledger's own events in, mails and webhooks out, then SIGTERM.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { MESSAGE_TYPES } from '@tollkeeper/projections';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, STANDING_MONTH } from '@tollkeeper/sealing';
import { availablePort, waitFor } from '@tollkeeper/testing';
import { WEBHOOK_MIGRATIONS, WebhookEndpoints, type WebhookTables } from '@tollkeeper/webhooks';
import { RECIPIENTS_KEY } from './recipients.js';
import { MailServer } from './smtp-server.fixture.js';
import { Subscriber } from './subscriber.fixture.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const UNTIL_MS = 20_000;

let folder: string;
let server: MailServer;
let subscriber: Subscriber;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-notifications-program-'));
  [server, subscriber] = await Promise.all([MailServer.open(), Subscriber.open()]);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await Promise.all([server.down(), subscriber.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A purchase, then its refund: the balance is at zero. */
async function ledger(): Promise<void> {
  const eventStore = openEventStore(`sqlite:${join(folder, 'events.db')}`);
  const keyStore = await openKeyStore(`sqlite:${join(folder, 'read.db')}`);
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 10 });
  const ring = openKeyRing(keyStore);
  await ring.prepare([{ tenant: 'acme', month: STANDING_MONTH }]);
  const people = { addresses: ['ops@acme.example'], language: 'fr' };
  const sealedRecipients = ring.seal('acme', STANDING_MONTH, RECIPIENTS_KEY, people);
  const nowMs = Date.now();
  const commands: readonly LedgerCommand[] = [
    { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 },
    { kind: 'set-recipients', nowMs, sealedRecipients },
    {
      kind: 'purchase-credit',
      nowMs,
      purchaseId: 'p-1',
      amountMicros: 20_000_000n,
      origin: { kind: 'invoice', reference: 'INV-1' },
    },
    {
      kind: 'refund-purchase',
      nowMs,
      refundId: 'r-1',
      purchaseId: 'p-1',
      amountMicros: 20_000_000n,
      author: 'ops',
      cause: 'refund',
      reason: 'test',
    },
  ];
  for (const result of await writer.execute(streamOf('acme'), commands)) {
    if (result.kind === 'refused') throw new Error(JSON.stringify(result));
  }
  await writer.close();
  await Promise.all([eventStore.close(), keyStore.close()]);
}

async function webhook(): Promise<string> {
  const store = await openReadStore<WebhookTables>(`sqlite:${join(folder, 'read.db')}`);
  await store.migrate(WEBHOOK_MIGRATIONS);
  const keyStore = await openKeyStore(`sqlite:${join(folder, 'read.db')}`);
  const ring = openKeyRing(keyStore);
  const endpoints = new WebhookEndpoints({ store, ring, messageTypes: MESSAGE_TYPES, allowPrivate: true });
  const added = await endpoints.add({ tenant: 'acme', url: subscriber.url });
  await Promise.all([store.close(), keyStore.close()]);
  if ('code' in added) throw new Error(added.reason);
  return added.secret;
}

async function start(port: number, env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  const settings = {
    KURRENTDB_URL: `sqlite:${join(folder, 'events.db')}`,
    DATABASE_URL: `sqlite:${join(folder, 'read.db')}`,
    SMTP_URL: server.url,
    MAIL_FROM: 'Tollkeeper <billing@carrier.example>',
    WEBHOOK_ALLOW_PRIVATE: 'true',
    HEALTH_PORT: String(port),
    LOG_LEVEL: 'info',
    ...env,
  };
  return spawn(process.execPath, [MAIN], { env: { ...process.env, ...settings }, stdio: ['ignore', 'ignore', 'pipe'] });
}

test('mails and webhooks follow from the ledger, once; SIGTERM ends it; a rebuild at the next start sends nothing', async () => {
  await ledger();
  const secret = await webhook();
  const port = await availablePort();
  let log = '';
  child = await start(port);
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await waitFor(() => server.received.length === 1 && subscriber.calls.length === 4, {
    timeoutMs: UNTIL_MS,
    what: 'a mail and four webhooks',
  });
  expect(server.received[0]).toMatchObject({ subject: 'Le solde de acme est épuisé', recipients: ['ops@acme.example'] });
  const types = (subscriber.verified(secret) as readonly { readonly type: string }[]).map(({ type }) => type);
  expect(types.filter((type) => type === 'tollkeeper.notice.balance-zero.v1')).toHaveLength(1);
  const health = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await waitFor(async () => (await health('/readyz')).ok, { timeoutMs: UNTIL_MS, what: 'readiness' });
  const metrics = async (): Promise<boolean> =>
    /tollkeeper_mails_total\{outcome="sent",program="notifications"\} 1/.test(await (await health('/metrics')).text());
  await waitFor(metrics, { timeoutMs: UNTIL_MS, what: 'the mail to be counted' });
  expect(await ended(child)).toBe(0);
  expect(log).toContain('Notice mailed');
  expect(log).not.toMatch(/ops@acme|127\.0\.0\.1:\d+\/hook/);

  child = await start(port, { REBUILD: 'notices' });
  const caughtUp = async (): Promise<boolean> =>
    /tollkeeper_notices_caught_up\{.*\} 1/.test(await (await health('/metrics')).text());
  await waitFor(caughtUp, { timeoutMs: UNTIL_MS, what: 'the rebuild' });
  expect(await ended(child)).toBe(0);
  expect(server.received).toHaveLength(1);
  expect(subscriber.calls).toHaveLength(4);
});

test.each(['notifications.before-commit', 'notifications.after-commit'])(
  'killed at %s, the next start tells everything once',
  async (failpoint) => {
    await ledger();
    await webhook();
    child = await start(0, { FAILPOINT: failpoint });
    const [, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    child = await start(0);
    const isTold = () => server.received.length > 0 && subscriber.calls.length >= 4;
    await waitFor(isTold, { timeoutMs: UNTIL_MS, what: 'a mail and four webhooks' });
    expect(await ended(child)).toBe(0);
    expect(server.received).toHaveLength(1);
    expect(new Set(subscriber.calls.map(({ id }) => id)).size).toBe(4);
    expect(subscriber.calls).toHaveLength(4);
  },
);

test('a mail server without a sender is a fault of the settings', async () => {
  child = await start(0, { MAIL_FROM: '' });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(2);
  expect(log).toContain('MAIL_FROM is not set');
});

async function ended(program: ChildProcess): Promise<number | null> {
  const closed = once(program, 'close');
  program.kill('SIGTERM');
  const [code] = (await closed) as [number | null];
  return code;
}
