// Erasing: the persons of a tenant's calls before a month are forgotten for good, by destroying the keys that seal them; read models
// are cleared of what they hold sealed. Sums stay, and so does the proof of them: an event's hash is of the sealed text.
//
// What if it is run twice? There are no keys any more, and nothing to clear. What if we die half-way? Without its key nothing that is
// sealed can be read; another run clears the rest. What if a call of those months is recorded later? It is recorded without persons.

import type { EventStore } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import type { MessageBus } from '@tollkeeper/message-bus';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';

export type EraseParts = {
  readonly eventStore: EventStore;
  /** Whoever opens them may make their tables: only for a tenant that has an account. */
  engines(): Promise<EraseEngines>;
  readonly topics: { readonly cdr: string; readonly deadLetters: string; readonly parked: string };
};

type EraseEngines = { readonly ring: KeyRing; readonly readStore: ReadStore<Tables>; readonly bus: MessageBus };

export type Erasure = { readonly tenant: string; readonly before: string; readonly author: string };

export type Erased = {
  readonly tenant: string;
  /** YYYY-MM: calls answered before its first instant, UTC. */
  readonly before: string;
  readonly keysDestroyed: number;
  readonly rowsCleared: number;
  readonly remains: Remains;
};

/** Where persons of these calls still stand, because it is not sealed by a key of a month. */
export type Remains = {
  /** CDRs as they came, of all tenants; the topic forgets them by itself. */
  readonly rawCdrs: readonly TopicKept[];
  /** Messages with the tenant's key that were put aside before the month, settled or not; their topic keeps them for ever. */
  readonly deadLetters: number;
};

export type TopicKept = { readonly topic: string; readonly oldestAt: string | null; readonly retentionDays: number | null };

export type EraseRefusal = { readonly code: 'month-not-over' | 'account-not-open'; readonly reason: string };

const ROWS_PER_WRITE = 1_000;
const MESSAGES_PER_READ = 500;
const DAY_MS = 86_400_000;

export async function erase(parts: EraseParts, erasure: Erasure, nowMs: number): Promise<Erased | EraseRefusal> {
  const { tenant, before, author } = erasure;
  if (!(await hasAccount(parts.eventStore, tenant))) {
    return { code: 'account-not-open', reason: `tenant ${tenant} has no account, so nothing is known of it; is the name right?` };
  }
  const thisMonth = new Date(nowMs).toISOString().slice(0, 'YYYY-MM'.length);
  if (before > thisMonth) {
    const reason = `months before ${before} are not all over; the persons of calls to come would never be known: at most ${thisMonth}`;
    return { code: 'month-not-over', reason };
  }
  const { ring, readStore, bus } = await parts.engines();
  const keysDestroyed = await ring.destroy(tenant, before, author);
  const rowsCleared = await clearCalls(readStore, tenant, before);
  return { tenant, before, keysDestroyed, rowsCleared, remains: await remainsOf(bus, parts.topics, erasure) };
}

/** An account that cannot be folded has persons all the same. */
async function hasAccount(store: EventStore, tenant: string): Promise<boolean> {
  for await (const page of store.readStream(streamOf(tenant), { maxCount: 1 })) if (page.length > 0) return true;
  return false;
}

/** A few rows at a time, so that others get their turn. */
async function clearCalls(store: ReadStore<Tables>, tenant: string, before: string): Promise<number> {
  const [beforeAt, none] = [`${before}-01T00:00:00.000Z`, { answeredAt: '', key: '' }];
  let cleared = 0;
  for (let last = none; ;) {
    const rows = await store.db
      .selectFrom('call')
      .select(['call_key', 'answered_at'])
      .where('tenant', '=', tenant)
      .where('answered_at', '<', beforeAt)
      .where('parties', 'is not', null)
      .where((where) =>
        where.or([
          where('answered_at', '>', last.answeredAt),
          where.and([where('answered_at', '=', last.answeredAt), where('call_key', '>', last.key)]),
        ]),
      )
      .orderBy('answered_at')
      .orderBy('call_key')
      .limit(ROWS_PER_WRITE)
      .execute();
    const end = rows.at(-1);
    if (end === undefined) return cleared;
    last = { answeredAt: end.answered_at, key: end.call_key };
    const keys = rows.map(({ call_key: key }) => key);
    await store.write((tx) => tx.updateTable('call').set({ parties: null }).where('call_key', 'in', keys).execute());
    cleared += rows.length;
  }
}

async function remainsOf(bus: MessageBus, topics: EraseParts['topics'], { tenant, before }: Erasure): Promise<Remains> {
  const beforeMs = Date.parse(`${before}-01T00:00:00.000Z`);
  const rawCdrs: TopicKept[] = [];
  for (const topic of [topics.cdr, topics.parked]) {
    const described = await bus.describeTopic(topic);
    if (described === undefined) continue;
    const { retentionMs } = described;
    const retentionDays = Number.isFinite(retentionMs) ? Math.round(retentionMs / DAY_MS) : null;
    const oldestMs = await oldestIn(bus, topic);
    if (oldestMs !== undefined && oldestMs < beforeMs)
      rawCdrs.push({ topic, oldestAt: new Date(oldestMs).toISOString(), retentionDays });
  }
  return { rawCdrs, deadLetters: await putAsideBefore(bus, topics.deadLetters, tenant, beforeMs) };
}

async function oldestIn(bus: MessageBus, topic: string): Promise<number | undefined> {
  let oldestMs: number | undefined;
  for (const { partition, first, next } of await bus.offsets(topic)) {
    if (first === next) continue;
    const [message] = await bus.read(topic, partition, first, 1);
    if (message !== undefined) oldestMs = Math.min(oldestMs ?? Infinity, message.timestampMs);
  }
  return oldestMs;
}

async function putAsideBefore(bus: MessageBus, topic: string, tenant: string, beforeMs: number): Promise<number> {
  if ((await bus.describeTopic(topic)) === undefined) return 0;
  let count = 0;
  for (const { partition, first, next } of await bus.offsets(topic)) {
    for (let from = first; from < next;) {
      const messages = await bus.read(topic, partition, from, MESSAGES_PER_READ);
      const last = messages.at(-1);
      if (last === undefined) break;
      for (const { key, value, timestampMs } of messages)
        if (value !== null && timestampMs < beforeMs && key?.toString() === tenant) count += 1;
      from = last.offset + 1n;
    }
  }
  return count;
}
