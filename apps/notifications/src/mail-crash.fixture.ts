// For the test of a crash: a sender of its own process, which sends what is due and dies where `FAILPOINT` says.

import { createLogger, createMetrics, Readiness } from '@tollkeeper/program';
import { inMemoryEventStore } from '@tollkeeper/event-store';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { FROM } from './fixtures.js';
import { smtpMailer } from './mailer.js';
import { notificationsWatch } from './metrics.js';
import { NotificationsRunner } from './notifications-runner.js';
import type { Tables } from './tables.js';

const { DATABASE_URL: url = '', KEYS_URL: keysUrl = '', SMTP_URL: smtpUrl = '', NOW_MS: now } = process.env;
const logger = createLogger('mail-crash');
const runner = new NotificationsRunner({
  eventStore: inMemoryEventStore(),
  readStore: await openReadStore<Tables>(url),
  ring: openKeyRing(await openKeyStore(keysUrl)),
  mail: { mailer: smtpMailer(smtpUrl, FROM), from: FROM },
  authenticationUrl: undefined,
  allowPrivateWebhooks: true,
  webhookTimeoutMs: 1_000,
  maxAgeMs: 86_400_000,
  readiness: new Readiness([]),
  logger,
  watch: notificationsWatch(createMetrics('mail-crash'), logger),
  nowMs: () => Number(now),
});
await runner.mails?.sendDue();
process.exit(0);
