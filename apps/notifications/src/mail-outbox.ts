// Mail step's rows: what is due → claimed by one instance for a while, then settled with what became of it.
//
// What if two instances look at once? The claim says in its `where` that nobody holds the row, so that the database gives it to one.
// What if an instance dies with a row in hand? The lease runs out and another sends it, under the same Message-ID.

import { randomUUID } from 'node:crypto';
import type { ReadStore } from '@tollkeeper/read-store';
import type { MailStatus, NoticeRow, Tables } from './tables.js';

/** Far above `SEND_WITHIN_MS`, with room for clocks that differ between instances. */
export const MAIL_LEASE_MS = 180_000;
const MAX_MAIL_ATTEMPTS = 100;
/** Doubled from failure to failure: about an hour apart after seven. */
const MIN_RETRY_MS = 30_000;
const MAX_RETRY_MS = 3_600_000;

/** A notice in hand, and who was to be told of it when it was claimed. */
export type ClaimedMail = { readonly row: NoticeRow; readonly sealedRecipients: string | null };

export class MailOutbox {
  /** Names this instance's claims. */
  readonly #instance = randomUUID();

  constructor(
    private readonly store: ReadStore<Tables>,
    /** What is older when it comes up is no news any more. */
    private readonly maxAgeMs: number,
    private readonly nowMs: () => number,
  ) {}

  async claim(limit: number): Promise<readonly ClaimedMail[]> {
    const now = this.#instant(0);
    const found = await this.#due(now, limit);
    if (found.length === 0) return [];
    const lease = { mail_lease: this.#instance, mail_lease_until: this.#instant(MAIL_LEASE_MS) };
    const taken = await this.store.write((tx) =>
      tx
        .updateTable('notice')
        .set(lease)
        .where(
          'notice_id',
          'in',
          found.map(({ notice_id }) => notice_id),
        )
        .where('mail_status', '=', 'due')
        .where((row) => row.or([row('mail_lease_until', 'is', null), row('mail_lease_until', '<', now)]))
        .returningAll()
        .execute(),
    );
    const recipients = new Map(found.map(({ notice_id, sealed_recipients }) => [notice_id, sealed_recipients]));
    return taken.map((row) => ({ row, sealedRecipients: recipients.get(row.notice_id) ?? null }));
  }

  async settle({ row }: ClaimedMail, status: Exclude<MailStatus, 'due'>, error: string | null): Promise<void> {
    const settled = {
      mail_status: status,
      mail_error: error,
      mail_settled_at: this.#instant(0),
      mail_attempts: row.mail_attempts + 1,
    };
    await this.#update(row, { ...settled, mail_lease: null, mail_lease_until: null });
  }

  /** Due again after a while; `gave-up` when it has been tried too often or is too old by then. */
  async postpone(claimed: ClaimedMail, error: string): Promise<'due' | 'gave-up'> {
    const { row } = claimed;
    const attempts = row.mail_attempts + 1;
    const afterMs = Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** Math.min(attempts - 1, 20));
    const isTooOld = this.nowMs() + afterMs - Date.parse(row.raised_at) > this.maxAgeMs;
    if (isTooOld || attempts >= MAX_MAIL_ATTEMPTS) {
      await this.settle(claimed, 'gave-up', error);
      return 'gave-up';
    }
    const later = { mail_attempts: attempts, mail_due_at: this.#instant(afterMs), mail_error: error };
    await this.#update(row, { ...later, mail_lease: null, mail_lease_until: null });
    return 'due';
  }

  /** Such as one that waited while no mail server was set. */
  isTooOld({ row }: ClaimedMail): boolean {
    return this.nowMs() - Date.parse(row.raised_at) > this.maxAgeMs;
  }

  /** A tenant's row that a rebuild has not brought up to the notice yet may name recipients of long ago: the notice waits for it. */
  #due(
    now: string,
    limit: number,
  ): Promise<readonly { readonly notice_id: string; readonly sealed_recipients: string | null }[]> {
    return this.store.db
      .selectFrom('notice')
      .innerJoin('notice_account', 'notice_account.tenant', 'notice.tenant')
      .select(['notice.notice_id', 'notice_account.sealed_recipients'])
      .whereRef('notice_account.revision', '>=', 'notice.revision')
      .where('notice.mail_status', '=', 'due')
      .where('notice.mail_due_at', '<=', now)
      .where((row) => row.or([row('notice.mail_lease_until', 'is', null), row('notice.mail_lease_until', '<', now)]))
      .orderBy('notice.mail_due_at')
      .limit(limit)
      .execute();
  }

  /** Only while the row is this instance's: who holds it since decides. */
  async #update(row: NoticeRow, change: Partial<NoticeRow>): Promise<void> {
    await this.store.write((tx) =>
      tx
        .updateTable('notice')
        .set(change)
        .where('notice_id', '=', row.notice_id)
        .where('mail_lease', '=', this.#instance)
        .where('mail_status', '=', 'due')
        .execute(),
    );
  }

  #instant(afterMs: number): string {
    return new Date(this.nowMs() + afterMs).toISOString();
  }
}
