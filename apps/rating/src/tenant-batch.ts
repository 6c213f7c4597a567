// Rate and debit step of one tenant: its CDRs of a batch in, what became of each out. A CDR may need a second attempt: when the
// account's plan has changed since it was looked up, or when it is a retried one that the account is too young to know.

import { EventStoreError, type EventStore, type StreamWriter } from '@tollkeeper/event-store';
import { planAt, streamOf, type Account, type LedgerCommand, type LedgerEvent, type LedgerRejection } from '@tollkeeper/ledger';
import type { Message } from '@tollkeeper/message-bus';
import type { Deck, RatingRejection } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';
import { commandOf, instantOf, type IdentifiedCdr, type Tariff, type UnratedCalls } from './command-of.js';
import { isRetry, type Rejected } from './dead-letter.js';
import { readProof } from './late-retry.js';

export type LedgerWriter = StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>;

/** Versions of the plans' decks; a `DeckShelf` is one. */
export type RateDecks = {
  hashAt(plan: string, atMs: number): string | undefined;
  deck(hash: string): Promise<Deck>;
};

export type TenantBatchParts = {
  readonly writer: LedgerWriter;
  readonly eventStore: EventStore;
  readonly decks: RateDecks;
  readonly ring: KeyRing;
  readonly clock: () => number;
  readonly unratedCalls: UnratedCalls;
};

export type Entry = { readonly message: Message; readonly cdr: IdentifiedCdr };
export type Outcome = 'recorded' | 'duplicate' | Rejected;

type CallCommand = Extract<LedgerCommand, { readonly cdr: unknown; readonly parties: string }>;
type Attempt = { readonly entry: Entry; readonly command: CallCommand };

const MAX_CACHED_TARIFFS = 100_000;

export class TenantBatches {
  /** In order of loading; a stale one is noticed by the account, which refuses the charge. */
  private readonly tariffs = new Map<string, Tariff>();

  constructor(private readonly parts: TenantBatchParts) {}

  /** Throws when an engine fails or the stream cannot be folded; the same entries may then come again. */
  async record(tenant: string, entries: readonly Entry[], told: (entry: Entry, outcome: Outcome) => void): Promise<void> {
    const stale = await this.attempt(tenant, await this.tariffOf(tenant), entries, told);
    if (stale.length === 0) return;
    this.tariffs.delete(tenant);
    const left = await this.attempt(tenant, await this.tariffOf(tenant), stale, told);
    for (const entry of left) told(entry, { code: 'plan-mismatch', reason: `tenant ${tenant} changes plans just now; retry` });
  }

  /** The entries whose plan is another by now. */
  private async attempt(
    tenant: string,
    tariff: Tariff | undefined,
    entries: readonly Entry[],
    told: (entry: Entry, outcome: Outcome) => void,
  ): Promise<readonly Entry[]> {
    if (tariff === undefined) {
      for (const entry of entries) told(entry, notOpen(tenant));
      return [];
    }
    const attempts = await this.attemptsOf(tariff, entries, told);
    const stale: Entry[] = [];
    const forgotten: Attempt[] = [];
    await this.execute(tenant, attempts, (attempt, outcome) => {
      const code = typeof outcome === 'string' ? undefined : outcome.code;
      if (code === 'plan-mismatch') stale.push(attempt.entry);
      else if (code === 'cdr-too-old' && isRetry(attempt.entry.message)) forgotten.push(attempt);
      else told(attempt.entry, outcome);
    });
    if (forgotten.length > 0) await this.recordForgotten(tenant, forgotten, told);
    return stale;
  }

  private async attemptsOf(
    tariff: Tariff,
    entries: readonly Entry[],
    told: (entry: Entry, outcome: Outcome) => void,
  ): Promise<readonly Attempt[]> {
    const { ring, clock, unratedCalls } = this.parts;
    const decks = await this.decksFor(tariff, entries);
    const deckAt = (plan: string, atMs: number): Deck | RatingRejection => {
      const hash = this.parts.decks.hashAt(plan, atMs);
      return (hash === undefined ? undefined : decks.get(hash)) ?? notActive(plan, atMs);
    };
    const pricing = { tariff, deckAt, unratedCalls };
    const nowMs = clock();
    const attempts: Attempt[] = [];
    for (const entry of entries) {
      const command = commandOf(entry.cdr, pricing, ring, nowMs);
      if ('kind' in command) attempts.push({ entry, command });
      else told(entry, { code: command.code, reason: `CDR ${entry.cdr.prepared.cdr.id}: ${command.reason}` });
    }
    return attempts;
  }

  /** A version that cannot be read concerns the calls that it prices; those of other plans go on. */
  private async decksFor(
    { planAt: plan }: Tariff,
    entries: readonly Entry[],
  ): Promise<ReadonlyMap<string, Deck | RatingRejection>> {
    const { decks } = this.parts;
    const read = async (hash: string): Promise<Deck | RatingRejection> => {
      try {
        return await decks.deck(hash);
      } catch (error) {
        if (error instanceof EventStoreError) throw error;
        return { code: 'no-plan', reason: `its rate deck cannot be read: ${(error as Error).message}` };
      }
    };
    const hashes = new Set<string>();
    for (const { cdr } of entries) {
      const atMs = instantOf(cdr.prepared);
      const hash = decks.hashAt(plan(atMs), atMs);
      if (hash !== undefined) hashes.add(hash);
    }
    return new Map(await Promise.all([...hashes].map(async (hash) => [hash, await read(hash)] as const)));
  }

  private async execute(
    tenant: string,
    attempts: readonly Attempt[],
    told: (attempt: Attempt, outcome: Outcome) => void,
  ): Promise<void> {
    const results = await this.parts.writer.execute(
      streamOf(tenant),
      attempts.map(({ command }) => command),
    );
    for (const [index, result] of results.entries()) {
      const attempt = attempts[index] as Attempt;
      if (result.kind === 'refused') told(attempt, result.refusal);
      else told(attempt, result.kind === 'recorded' ? 'recorded' : 'duplicate');
    }
  }

  private async recordForgotten(
    tenant: string,
    forgotten: readonly Attempt[],
    told: (entry: Entry, outcome: Outcome) => void,
  ): Promise<void> {
    const cdrs = forgotten.map(({ command }) => command.cdr);
    const { throughRevision, fingerprintOf } = await readProof(this.parts.eventStore, tenant, cdrs);
    const absent: Attempt[] = [];
    for (const { entry, command } of forgotten) {
      const recorded = fingerprintOf(command.cdr);
      if (recorded === undefined) absent.push({ entry, command: { ...command, absentThrough: throughRevision } });
      else told(entry, recorded === command.cdr.fingerprint ? 'duplicate' : conflict(command, recorded));
    }
    if (absent.length > 0) await this.execute(tenant, absent, ({ entry }, outcome) => told(entry, outcome));
  }

  /** What an account says of its prices; undefined while it is not open. */
  private async tariffOf(tenant: string): Promise<Tariff | undefined> {
    const known = this.tariffs.get(tenant);
    if (known !== undefined) return known;
    const tariff = await this.parts.writer.query(streamOf(tenant), (account): Tariff | undefined => {
      const { open, currency, plans } = account;
      return open ? { currency, planAt: (atMs) => planAt({ plans }, atMs) } : undefined;
    });
    if (tariff === undefined) return undefined;
    const [oldest] = this.tariffs.keys();
    if (this.tariffs.size >= MAX_CACHED_TARIFFS && oldest !== undefined) this.tariffs.delete(oldest);
    this.tariffs.set(tenant, tariff);
    return tariff;
  }
}

function notActive(plan: string, atMs: number): RatingRejection {
  const instant = new Date(atMs).toISOString();
  return { code: 'no-plan', reason: `plan ${plan} has no rate deck that was active at ${instant}; activate one, then retry` };
}

function notOpen(tenant: string): Rejected {
  return {
    code: 'account-not-open',
    reason: `tenant ${tenant} has no account; open it with PUT /v1/tenants/${tenant}, then retry`,
  };
}

function conflict({ cdr: { id, source, fingerprint } }: CallCommand, recorded: string): Rejected {
  return {
    code: 'cdr-exists-with-different-content',
    reason: `CDR ${id} of source ${source} stands in the ledger with fingerprint ${recorded}; this one has ${fingerprint}`,
  };
}
