// Path tests of mails: a tenant's events come in; what its recipients must have been told goes out, and what they were told. It shares
// no code with the notifications program, and reads mails as people do.

import { createHash } from 'node:crypto';
import type { RecordedEvent } from '@tollkeeper/event-store';
import type { TakenMail } from '../stage/index.js';

/** In English; the rest of a subject is amounts and the tenant. */
const SUBJECTS = {
  'recharge-succeeded': /^Recharge of .* succeeded$/,
  'recharge-failed': /^Recharge of .* failed$/,
  'auto-recharge-suspended': /^Automatic recharge for .* is suspended$/,
  'balance-zero': /^The balance of .* has reached zero$/,
  burst: /^Unusual .* of /,
} as const;
export type MailedKind = keyof typeof SUBJECTS;

/** How many causes of each kind the stream holds, and by which references money was credited. */
export type Told = { readonly counts: Readonly<Record<string, number>>; readonly references: readonly string[] };

export function causesIn(events: readonly RecordedEvent[]): Told {
  const counts: Record<string, number> = {};
  const references: string[] = [];
  const count = (kind: MailedKind): void => void (counts[kind] = (counts[kind] ?? 0) + 1);
  let before = 0;
  for (const { type, data } of events) {
    const origin = data['origin'] as { readonly kind: string; readonly paymentReference?: string } | undefined;
    if (type === 'CreditPurchased.v1' && origin?.kind === 'recharge') {
      count('recharge-succeeded');
      references.push(origin.paymentReference ?? '');
    }
    if (type === 'RechargeFailed.v1') count('recharge-failed');
    if (type === 'RechargeFailed.v1' && data['autoRechargeSuspended'] === true) count('auto-recharge-suspended');
    if (type === 'BurstDetected.v1') count('burst');
    const balance = Number(data['balance']);
    if (before > 0 && balance <= 0) count('balance-zero');
    before = balance;
  }
  return { counts, references: references.toSorted() };
}

/** @throws Error for a mail that tells of nothing known, or one that came twice with different content. */
export function toldIn(mails: readonly TakenMail[]): Told {
  const counts: Record<string, number> = {};
  const references: string[] = [];
  const distinct = new Map<string, TakenMail>();
  for (const mail of mails) {
    const first = distinct.get(mail.messageId) ?? mail;
    if (first.subject !== mail.subject || first.text !== mail.text) throw new Error(`${mail.messageId} says two things`);
    distinct.set(mail.messageId, first);
  }
  for (const { subject, text } of distinct.values()) {
    const kind = Object.entries(SUBJECTS).find(([, form]) => form.test(subject))?.[0];
    if (kind === undefined) throw new Error(`a mail tells of nothing known: ${subject}`);
    counts[kind] = (counts[kind] ?? 0) + 1;
    const reference = /^Reference of the payment: (.*)$/m.exec(text)?.[1];
    if (reference !== undefined) references.push(reference);
  }
  return { counts, references: references.toSorted() };
}

/** How often each Message-ID came beyond the first time. */
export function repeatsIn(mails: readonly TakenMail[]): ReadonlyMap<string, number> {
  const repeats = new Map<string, number>();
  for (const { messageId } of mails) repeats.set(messageId, (repeats.get(messageId) ?? -1) + 1);
  return repeats;
}

/** The Message-ID is a digest of the notice's id at the sender's domain. */
export function messageIdOfNotice(noticeId: string, domain: string): string {
  return `<${createHash('sha256').update(noticeId).digest('hex').slice(0, 40)}@${domain}>`;
}
