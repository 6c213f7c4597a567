// What the notifications program counts for `/metrics` and says in its log. Neither ever holds an address or a webhook's URL.

import type { Logger } from '@tollkeeper/program';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { MailWatch } from './mail-sender.js';
import type { NoticeWatch } from './notice-projector.js';
import type { WebhookWatch } from './webhook-sender.js';

export type NotificationsWatch = {
  readonly notices: Omit<NoticeWatch, 'onSetAside'>;
  readonly mails: MailWatch;
  readonly webhooks: WebhookWatch;
  onPosition(position: bigint, caughtUp: boolean): void;
};

export function notificationsWatch(registry: Registry, logger: Logger): NotificationsWatch {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    new Counter({ name: `tollkeeper_${name}_total`, help, labelNames, registers });
  const notices = counter('notices', 'Notices raised by the ledger, by kind; outcome new or too-old', ['kind', 'outcome']);
  const mails = counter('mails', 'Attempts to send a notice by mail, by what became of it', ['outcome']);
  const refused = counter('mail_recipients_refused', 'Recipients that the mail server refused while it took others', []);
  const deliveries = counter('webhook_attempts', 'Attempts to deliver a webhook, by what became of it', ['outcome']);
  const disabled = counter('webhook_endpoints_disabled', 'Endpoints that were disabled by their answers', ['reason']);
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `tollkeeper_notices_${name}`, help, registers });
  const position = gauge('position', 'Position in the event store up to which notices have come');
  const live = gauge('caught_up', '1 when nothing more was waiting at the last batch');
  return {
    notices: {
      onRaised: (kind) => notices.inc({ kind, outcome: 'new' }),
      onTooOld: (kind) => notices.inc({ kind, outcome: 'too-old' }),
    },
    mails: {
      onMail({ tenant, noticeId }, outcome, code) {
        mails.inc({ outcome });
        const what = { tenant, noticeId, outcome, code };
        if (outcome === 'sent') logger.info(what, 'Notice mailed');
        else if (outcome === 'nobody') logger.info(what, 'There is nobody to mail the notice to');
        else if (outcome === 'due') logger.warn(what, 'The mail is tried again');
        else logger.error(what, 'The notice could not be mailed');
      },
      onRefusedRecipients(tenant, count) {
        refused.inc(count);
        logger.warn({ tenant, refused: count }, 'The mail server refused some of the recipients');
      },
      onError: (error) => logger.warn({ error }, 'A mail could not be settled; it is tried again'),
    },
    webhooks: {
      onDelivery({ tenant, endpoint_id, message_id, attempts }, status, outcome) {
        deliveries.inc({ outcome: status });
        const what = { tenant, endpoint: endpoint_id, message: message_id, attempt: attempts + 1, outcome };
        if (status === 'delivered') logger.debug(what, 'Webhook delivered');
        else if (status === 'due') logger.info(what, 'The webhook is tried again');
        else logger.warn(what, 'The webhook was given up');
      },
      onDisabled(tenant, endpoint, reason) {
        disabled.inc({ reason });
        logger.error({ tenant, endpoint, reason }, 'The webhook endpoint is disabled until it is enabled again');
      },
      onError: (error) => logger.warn({ error }, 'A webhook could not be settled; it is tried again'),
    },
    onPosition(at, caughtUp) {
      position.set(Number(at));
      live.set(caughtUp ? 1 : 0);
    },
  };
}
