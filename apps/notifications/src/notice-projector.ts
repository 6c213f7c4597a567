// Notice step, run: a batch of ledger events → each tenant's row, and the notices that the events raised, in one transaction with
// the checkpoint. What is raised is only written down here; mails and webhooks are sent from the rows.
//
// What if a batch comes twice? The checkpoint has moved and nothing is written. A notice that was raised before, as in a rebuild?
// Its row stands, whatever became of it, and is left alone. Altered or out of order? The fold refuses it, and the tenant is set
// aside. We die after the commit? The next start reads on from the checkpoint, and finds the rows that are still to be sent.

import type { Follower, RecordedEvent } from '@tollkeeper/event-store';
import { tenantOf } from '@tollkeeper/ledger';
import { failpoint } from '@tollkeeper/program';
import {
  noticeAccount,
  noticesRaised,
  placed,
  type Notice,
  type NoticeAccountRow,
  type NoticeKind,
} from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import type { NoticeRow, NoticeSetAsideRow, Tables } from './tables.js';

export type NoticeWatch = {
  /** New rows, by kind. */
  onRaised(kind: NoticeKind): void;
  /** Older than `maxAgeMs`: of a ledger's past, or of a long outage. It is told to nobody. */
  onTooOld(kind: NoticeKind): void;
  onSetAside(row: NoticeSetAsideRow): void;
};

export type NoticeProjectorOptions = {
  readonly store: ReadStore<Tables>;
  /** False: notices are told to webhooks only. */
  readonly mails: boolean;
  /** What is older when it is folded is no news. A first start on a ledger with a past sends none of that. */
  readonly maxAgeMs: number;
  readonly watch: NoticeWatch;
  readonly nowMs: () => number;
};

/** An alert has no mail of its own: it is for programs. */
const WITHOUT_MAIL: ReadonlySet<NoticeKind> = new Set(['low-balance']);
/** In one statement: its parameters stay far below SQLite's 32,766. */
const ROWS_PER_INSERT = 500;
const TENANTS_PER_QUERY = 5_000;

type Changes = {
  readonly rows: Map<string, NoticeAccountRow>;
  readonly notices: Notice[];
  readonly setAside: Map<string, NoticeSetAsideRow>;
};

export class NoticeProjector implements Follower {
  readonly name = noticeAccount.name;
  private position: bigint | undefined;
  private readonly tenantsSetAside = new Set<string>();

  constructor(private readonly options: NoticeProjectorOptions) {}

  async load(): Promise<bigint | undefined> {
    const { store } = this.options;
    this.position = await store.checkpoint(this.name);
    this.tenantsSetAside.clear();
    if (this.position === undefined) return undefined;
    for (const row of await store.db.selectFrom('notice_set_aside').selectAll().execute()) this.noteSetAside(row);
    return this.position;
  }

  async handle(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    const from = this.position;
    if (from !== undefined && position <= from) return;
    const { store, watch } = this.options;
    const changes = await this.foldAll(from === undefined ? events : events.filter((event) => event.position > from));
    const raised: NoticeKind[] = [];
    await store.advance(this.name, from, position, async (tx) => {
      if (from === undefined) await tx.deleteFrom('notice_set_aside').execute();
      await store.upsert(tx, 'notice_account', ['tenant'], [...changes.rows.values()]);
      await store.upsert(tx, 'notice_set_aside', ['tenant'], [...changes.setAside.values()]);
      const rows = this.rowsOf(changes.notices);
      for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
        const page = rows.slice(at, at + ROWS_PER_INSERT);
        const insert = tx.insertInto('notice').values(page);
        const added = await insert
          .onConflict((conflict) => conflict.column('notice_id').doNothing())
          .returning('kind')
          .execute();
        raised.push(...added.map(({ kind }) => kind));
      }
      failpoint('notifications.before-commit');
    });
    failpoint('notifications.after-commit');
    for (const row of changes.setAside.values()) this.noteSetAside(row);
    for (const kind of raised) watch.onRaised(kind);
    this.position = position;
  }

  /** Forgets the tenants' rows and begins again; what was raised before is not raised again. */
  async rebuild(): Promise<void> {
    await this.options.store.reset(this.name, ['notice_account']);
    await this.load();
  }

  private async foldAll(events: readonly RecordedEvent[]): Promise<Changes> {
    const changes: Changes = { rows: new Map(), notices: [], setAside: new Map() };
    const rows = await this.rowsFor(events);
    for (const stored of events) {
      const tenant = tenantOf(stored.stream);
      if (this.tenantsSetAside.has(tenant) || changes.setAside.has(tenant)) continue;
      try {
        const event = placed(stored);
        const before = rows.get(tenant);
        const after = noticeAccount.fold(before, event);
        const raised = noticesRaised(before, after, event);
        rows.set(tenant, after);
        changes.rows.set(tenant, after);
        changes.notices.push(...raised);
      } catch (error) {
        changes.setAside.set(tenant, { tenant, revision: stored.revision, reason: String(error) });
      }
    }
    return changes;
  }

  private async rowsFor(events: readonly RecordedEvent[]): Promise<Map<string, NoticeAccountRow>> {
    const tenants = [...new Set(events.map(({ stream }) => tenantOf(stream)))];
    const rows = new Map<string, NoticeAccountRow>();
    for (let at = 0; at < tenants.length; at += TENANTS_PER_QUERY) {
      const page = tenants.slice(at, at + TENANTS_PER_QUERY);
      const found = await this.options.store.db.selectFrom('notice_account').selectAll().where('tenant', 'in', page).execute();
      for (const row of found) rows.set(row.tenant, row);
    }
    return rows;
  }

  private rowsOf(notices: readonly Notice[]): readonly NoticeRow[] {
    const { mails, maxAgeMs, nowMs, watch } = this.options;
    const oldest = new Date(nowMs() - maxAgeMs).toISOString();
    const rows: NoticeRow[] = [];
    for (const notice of notices) {
      if (notice.raisedAt < oldest) watch.onTooOld(notice.kind);
      else rows.push(rowOf(notice, mails && !WITHOUT_MAIL.has(notice.kind)));
    }
    return rows;
  }

  private noteSetAside(row: NoticeSetAsideRow): void {
    this.tenantsSetAside.add(row.tenant);
    this.options.watch.onSetAside(row);
  }
}

function rowOf({ noticeId, tenant, kind, currency, facts, revision, position, raisedAt }: Notice, mails: boolean): NoticeRow {
  return {
    notice_id: noticeId,
    tenant,
    kind,
    currency,
    facts: JSON.stringify(facts),
    revision,
    position: Number(position),
    raised_at: raisedAt,
    mail_status: mails ? 'due' : 'off',
    mail_attempts: 0,
    mail_due_at: raisedAt,
    mail_lease: null,
    mail_lease_until: null,
    mail_error: null,
    mail_settled_at: null,
  };
}

/** The notice as it was raised. */
export function noticeOf(row: NoticeRow): Notice {
  return {
    noticeId: row.notice_id,
    tenant: row.tenant,
    kind: row.kind,
    currency: row.currency,
    facts: JSON.parse(row.facts) as object,
    revision: row.revision,
    position: BigInt(row.position),
    raisedAt: row.raised_at,
  } as Notice;
}
