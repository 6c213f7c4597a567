// Start of the notifications program: its settings → what its runner is told of mails and webhooks.

import { smtpMailer } from './mailer.js';
import type { NotificationsOptions } from './notifications-runner.js';
import type { NoticeSettings } from './settings.js';

const MS_PER_HOUR = 3_600_000;

export type NoticeOptions = Pick<
  NotificationsOptions,
  'mail' | 'authenticationUrl' | 'allowPrivateWebhooks' | 'webhookTimeoutMs' | 'maxAgeMs'
>;

export function noticeOptions(settings: NoticeSettings): NoticeOptions {
  const { smtpUrl, mailFrom: from, authenticationUrl } = settings;
  return {
    mail: smtpUrl === undefined || from === undefined ? undefined : { mailer: smtpMailer(smtpUrl, from), from },
    authenticationUrl,
    allowPrivateWebhooks: settings.webhookAllowPrivate,
    webhookTimeoutMs: settings.webhookTimeoutMs,
    maxAgeMs: settings.noticeMaxAgeHours * MS_PER_HOUR,
  };
}
