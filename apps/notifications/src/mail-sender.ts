// Mail step: notices that are due → one mail each to the tenant's recipients, in their language, over SMTP.
//
// What if a notice comes twice? Its id is made of its cause, and its row is sent once. Two senders at once? One of them claims the
// row. Out of order? No order is promised: each mail says when its cause took place. We die after the server took the mail and
// before that was written down? It is sent again once the claim has run out, under the same Message-ID, which says that it is the
// same mail; SMTP knows no better.

import { failpoint } from '@tollkeeper/program';
import { SealingError, type KeyRing } from '@tollkeeper/sealing';
import type { LetterLinks } from './letter.js';
import { letterOf } from './letter.js';
import { MailError, messageIdOf, type Mailer } from './mailer.js';
import type { ClaimedMail, MailOutbox } from './mail-outbox.js';
import { noticeOf } from './notice-projector.js';
import { recipientsOf } from './recipients.js';
import { SendingLoop } from './sending-loop.js';
import type { MailStatus } from './tables.js';

export type MailWatch = {
  /** What became of a notice's mail; `due`: it is tried again. The code never holds an address. */
  onMail(notice: { readonly tenant: string; readonly noticeId: string }, outcome: MailStatus, code: string | null): void;
  /** The server took the mail for some recipients and not for others. */
  onRefusedRecipients(tenant: string, refused: number): void;
  onError(error: unknown): void;
};

export type MailSenderParts = {
  readonly outbox: MailOutbox;
  readonly mailer: Mailer;
  readonly ring: KeyRing;
  readonly from: string;
  readonly links: LetterLinks;
  readonly watch: MailWatch;
};

const MAILS_AT_ONCE = 4;

export function mailSender(parts: MailSenderParts): SendingLoop<ClaimedMail> {
  return new SendingLoop<ClaimedMail>({
    concurrency: MAILS_AT_ONCE,
    claim: (free) => parts.outbox.claim(free),
    keyOf: ({ row }) => row.tenant,
    send: (claimed) => sendMail(claimed, parts),
    onError: parts.watch.onError,
  });
}

async function sendMail(claimed: ClaimedMail, { outbox, mailer, ring, from, links, watch }: MailSenderParts): Promise<void> {
  const { row, sealedRecipients } = claimed;
  const { tenant, notice_id: noticeId } = row;
  const settled = async (status: Exclude<MailStatus, 'due'>, code: string | null): Promise<void> => {
    await outbox.settle(claimed, status, code);
    watch.onMail({ tenant, noticeId }, status, code);
  };
  if (outbox.isTooOld(claimed)) return settled('gave-up', 'too-old');
  try {
    const recipients = await recipientsOf(ring, tenant, sealedRecipients);
    if (recipients === undefined) return await settled('nobody', null);
    const letter = letterOf(noticeOf(row), recipients.language, links);
    const mail = { ...letter, to: recipients.addresses, messageId: messageIdOf(noticeId, from) };
    const { refusedRecipients } = await mailer.send(mail);
    if (refusedRecipients > 0) watch.onRefusedRecipients(tenant, refusedRecipients);
  } catch (error) {
    // A key store that is down for a while, too, is a wait.
    if (!(error instanceof MailError || error instanceof SealingError)) throw error;
    if (error instanceof MailError && !error.retryable) return settled('refused', error.code);
    const status = await outbox.postpone(claimed, error.code);
    return watch.onMail({ tenant, noticeId }, status, error.code);
  }
  failpoint('notifications.after-smtp');
  await settled('sent', null);
}
