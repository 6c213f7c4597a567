// The path's main stretch: a batch of CDR messages → debits acknowledged by the event store, dead letters by the bus, and only
// then the batch's offset.
//
// What if a message comes twice? The account knows the CDR and nothing is written. Altered? It is refused and becomes a dead
// letter. Out of order? Calls are dated by their answer, the order of arrival only orders the events. We die after the append?
// The batch comes again, whole; every CDR of it is known. We die after a dead letter? It is sent again, under the same
// original topic, partition and offset.

import { streamOf, type Account, type LedgerCommand, type LedgerEvent, type LedgerRejection } from '@tollkeeper/ledger';
import { StreamUnreadable, type StreamWriter } from '@tollkeeper/event-store';
import type { Batch, Message, MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import { failpoint } from '@tollkeeper/program';
import { type Deck, type Intake } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';
import { commandOf, sealingMonthOf, type IdentifiedCdr, type Tariff } from './command-of.js';
import { deadLetter, parked, type Rejected } from './dead-letter.js';
import { identify } from './identify.js';

export type LedgerWriter = StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>;

export type RatingParts = {
  readonly writer: LedgerWriter;
  readonly bus: MessageBus;
  readonly ring: KeyRing;
  readonly intake: Intake;
  /** The deck in force; asked for once a batch. */
  readonly deck: () => Deck;
  readonly clock: () => number;
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

type Entry = { readonly message: Message; readonly cdr: IdentifiedCdr };
type Verdicts = Map<Message, Rejected[]>;

export class RatingWorker {
  private readonly tariffs = new Map<string, Tariff>();

  constructor(private readonly parts: RatingParts) {}

  /** Rejects when an engine fails: nothing is committed then, and the same messages come again. */
  async handle(batch: Batch): Promise<void> {
    const startedAt = performance.now();
    const verdicts: Verdicts = new Map();
    const parkedLetters: MessageToPublish[] = [];
    const byTenant = this.identifyAll(batch, verdicts);
    await this.prepareKeys(byTenant);
    let recorded = 0;
    let duplicates = 0;
    failpoint('rating.before-append');
    await forEachAtOnce(byTenant, MAX_TENANTS_AT_ONCE, async ([tenant, entries]) => {
      // Throws when the partition is another member's by now; cheap until a beat is due.
      await batch.heartbeat();
      try {
        const counts = await this.debit(tenant, entries, verdicts);
        recorded += counts.recorded;
        duplicates += counts.duplicates;
      } catch (error) {
        if (!(error instanceof StreamUnreadable)) throw error;
        this.parts.watch.onSetAside(tenant, error.message);
        parkedLetters.push(...uniqueMessages(entries).map((message) => parked(message, tenant, error.message)));
      }
    });
    failpoint('rating.after-append');
    await this.publishLetters(verdicts, parkedLetters);
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
      }
    }
    await this.parts.ring.prepare([...wanted.values()]);
  }

  private async debit(
    tenant: string,
    entries: readonly Entry[],
    verdicts: Verdicts,
  ): Promise<{ recorded: number; duplicates: number }> {
    const tariff = await this.tariffOf(tenant);
    if (tariff === undefined) {
      for (const { message } of entries) reject(verdicts, message, notOpen(tenant));
      return { recorded: 0, duplicates: 0 };
    }
    const { deck, ring, clock } = this.parts;
    const deckInForce = deck();
    const nowMs = clock();
    const commands: LedgerCommand[] = [];
    const messages: Message[] = [];
    for (const { message, cdr } of entries) {
      const command = commandOf(cdr, tariff, deckInForce, ring, nowMs);
      if ('kind' in command) {
        commands.push(command);
        messages.push(message);
      } else reject(verdicts, message, { code: command.code, reason: `CDR ${cdr.prepared.cdr.id}: ${command.reason}` });
    }
    const results = await this.parts.writer.execute(streamOf(tenant), commands);
    const counts = { recorded: 0, duplicates: 0 };
    for (const [index, result] of results.entries()) {
      if (result.kind === 'refused') reject(verdicts, messages[index] as Message, result.refusal);
      else counts[result.kind === 'recorded' ? 'recorded' : 'duplicates'] += 1;
    }
    return counts;
  }

  /** Plan and currency, which an account keeps from its opening; undefined while it is not open. */
  private async tariffOf(tenant: string): Promise<Tariff | undefined> {
    const known = this.tariffs.get(tenant);
    if (known !== undefined) return known;
    const tariff = await this.parts.writer.query(streamOf(tenant), ({ open, plan, currency }) =>
      open ? { plan, currency } : undefined,
    );
    if (tariff !== undefined) this.tariffs.set(tenant, tariff);
    return tariff;
  }

  private async publishLetters(verdicts: Verdicts, parkedLetters: readonly MessageToPublish[]): Promise<void> {
    const { bus, topics } = this.parts;
    const letters = [...verdicts].map(([message, rejected]) => deadLetter(message, rejected));
    if (letters.length > 0) await bus.publish(topics.deadLetters, letters);
    if (parkedLetters.length > 0) await bus.publish(topics.parked, parkedLetters);
  }
}

function reject(verdicts: Verdicts, message: Message, { code, reason }: Rejected): void {
  const known = verdicts.get(message);
  if (known === undefined) verdicts.set(message, [{ code, reason }]);
  else known.push({ code, reason });
}

function notOpen(tenant: string): Rejected {
  return {
    code: 'account-not-open',
    reason: `tenant ${tenant} has no account; open it with PUT /v1/tenants/${tenant}, then retry`,
  };
}

function uniqueMessages(entries: readonly Entry[]): readonly Message[] {
  return [...new Set(entries.map(({ message }) => message))];
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
