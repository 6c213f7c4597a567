// The path's main stretch: a batch of CDR messages → debits acknowledged by the event store, dead letters by the bus, and only
// then the batch's offset.
//
// What if a message comes twice? The account knows the CDR and nothing is written. Altered? It is refused and becomes a dead
// letter. Out of order? Calls are dated by their answer, the order of arrival only orders the events. We die after the append?
// The batch comes again, whole; every CDR of it is known. We die after a dead letter? It is sent again, under the same
// original topic, partition and offset.

import { StreamUnreadable } from '@tollkeeper/event-store';
import type { Batch, Message, MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import { failpoint } from '@tollkeeper/program';
import type { Intake } from '@tollkeeper/rating';
import { STANDING_MONTH } from '@tollkeeper/sealing';
import { identitiesIn, sealingMonthOf } from './command-of.js';
import { deadLetter, isRetry, parked, settled, type Rejected } from './dead-letter.js';
import { identify } from './identify.js';
import { TenantBatches, type Entry, type TenantBatchParts } from './tenant-batch.js';

export type RatingParts = TenantBatchParts & {
  readonly bus: MessageBus;
  readonly intake: Intake;
  readonly topics: { readonly deadLetters: string; readonly parked: string };
  readonly watch: RatingWatch;
};

/** Told of what was done, for metrics and readiness. */
export type RatingWatch = {
  onBatch(outcome: BatchOutcome): void;
  onSetAside(tenant: string, reason: string): void;
};

export type BatchOutcome = {
  readonly messages: number;
  readonly recorded: number;
  readonly duplicates: number;
  readonly rejected: readonly string[];
  readonly durationMs: number;
};

/** Tenants appended to side by side; each has one append in flight. */
const MAX_TENANTS_AT_ONCE = 128;

type Verdicts = Map<Message, Rejected[]>;

export class RatingWorker {
  private readonly tenants: TenantBatches;

  constructor(private readonly parts: RatingParts) {
    this.tenants = new TenantBatches(parts);
  }

  /** Rejects when an engine fails: nothing is committed then, and the same messages come again. */
  async handle(batch: Batch): Promise<void> {
    const startedAt = performance.now();
    const verdicts: Verdicts = new Map();
    const parkedLetters = new Map<Message, MessageToPublish>();
    const byTenant = this.identifyAll(batch, verdicts);
    await this.prepareKeys(byTenant);
    let recorded = 0;
    let duplicates = 0;
    failpoint('rating.before-append');
    await forEachAtOnce(byTenant, MAX_TENANTS_AT_ONCE, async ([tenant, entries]) => {
      // Throws when the partition is another member's by now; cheap until a beat is due.
      await batch.heartbeat();
      try {
        await this.tenants.record(tenant, entries, ({ message }, outcome) => {
          if (outcome === 'recorded') recorded += 1;
          else if (outcome === 'duplicate') duplicates += 1;
          else reject(verdicts, message, outcome);
        });
      } catch (error) {
        if (!(error instanceof StreamUnreadable)) throw error;
        this.parts.watch.onSetAside(tenant, error.message);
        for (const { message } of entries) parkedLetters.set(message, parked(message, tenant, error.message));
      }
    });
    failpoint('rating.after-append');
    await this.publishLetters(batch, verdicts, parkedLetters);
    failpoint('rating.before-commit');
    const rejected = [...verdicts.values()].flat().map(({ code }) => code);
    const durationMs = performance.now() - startedAt;
    this.parts.watch.onBatch({ messages: batch.messages.length, recorded, duplicates, rejected, durationMs });
  }

  private identifyAll(batch: Batch, verdicts: Verdicts): Map<string, Entry[]> {
    const byTenant = new Map<string, Entry[]>();
    for (const message of batch.messages) {
      const { cdrs, rejected } = identify(message, this.parts.intake);
      for (const rejection of rejected) reject(verdicts, message, rejection);
      for (const cdr of cdrs) {
        const entries = byTenant.get(cdr.tenant);
        if (entries === undefined) byTenant.set(cdr.tenant, [{ message, cdr }]);
        else entries.push({ message, cdr });
      }
    }
    return byTenant;
  }

  private async prepareKeys(byTenant: ReadonlyMap<string, readonly Entry[]>): Promise<void> {
    const wanted = new Map<string, { tenant: string; month: string }>();
    for (const [tenant, entries] of byTenant) {
      for (const { cdr } of entries) {
        const month = sealingMonthOf(cdr);
        wanted.set(`${tenant} ${month}`, { tenant, month });
        if (identitiesIn(cdr.prepared).length > 0) wanted.set(`${tenant} ${STANDING_MONTH}`, { tenant, month: STANDING_MONTH });
      }
    }
    await this.parts.ring.prepare([...wanted.values()]);
  }

  private async publishLetters(
    { messages }: Batch,
    verdicts: Verdicts,
    parkedLetters: ReadonlyMap<Message, MessageToPublish>,
  ): Promise<void> {
    const { bus, topics } = this.parts;
    const letters = [...verdicts].map(([message, rejected]) => deadLetter(message, rejected));
    const done = messages.filter((message) => isRetry(message) && !verdicts.has(message) && !parkedLetters.has(message));
    letters.push(...done.map(settled));
    if (letters.length > 0) await bus.publish(topics.deadLetters, letters);
    if (parkedLetters.size > 0) await bus.publish(topics.parked, [...parkedLetters.values()]);
  }
}

function reject(verdicts: Verdicts, message: Message, { code, reason }: Rejected): void {
  const known = verdicts.get(message);
  if (known === undefined) verdicts.set(message, [{ code, reason }]);
  else known.push({ code, reason });
}

/** Runs the work for every item, at most `limit` at a time; the first failure is thrown once all under way have ended. */
async function forEachAtOnce<Item>(items: Iterable<Item>, limit: number, work: (item: Item) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && failure === undefined; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (failure !== undefined) throw failure.error;
}
