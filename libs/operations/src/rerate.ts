// Rerating: the calls of a period are rated again, in order of answer time; where the amount is another, the debit is reversed and
// made anew.
//
// What if it is run twice? The second time every debit has the amount that rating says, and nothing is written. What if we die in
// between? Each pair is one append; the next run finds what is left. What if a debit changes meanwhile? The account knows its
// latest generation and writes nothing. If a number was erased? The debit stays as it is: the prefix that matched stands in the ledger,
// and whether another deck has a longer one for the number nobody can tell any more.

import { callAgain, debitsOf, isGivenFree, isWithin, type Debit, type Period } from '@tollkeeper/audit';
import type { Charge } from '@tollkeeper/charge';
import type { CommandResult, EventStore } from '@tollkeeper/event-store';
import {
  decode,
  planAt,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
  type PlanFrom,
} from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import { failpoint } from '@tollkeeper/program';
import { isRatingRejection, rate, type Deck, type RatingRejection } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';

/** What a stream writer over the ledger's decider promises. */
export type LedgerWriter = {
  execute(stream: string, commands: readonly LedgerCommand[]): Promise<readonly CommandResult<LedgerEvent, LedgerRejection>[]>;
  query<T>(stream: string, view: (account: Account) => T): Promise<T>;
};

export type RerateParts = {
  readonly store: EventStore;
  /** Versions of the plans' decks; a `DeckShelf` whose versions are all known is one. */
  readonly decks: { hashAt(plan: string, atMs: number): string | undefined; deck(hash: string): Promise<Deck> };
  readonly ring: KeyRing;
  readonly writer: LedgerWriter;
};

/** A call whose amount would be another. Light, since a period may have millions. */
export type Change = {
  readonly tenant: string;
  readonly revision: number;
  readonly cdr: { readonly source: string; readonly id: string; readonly generation: number };
  readonly answeredAt: string;
  readonly before: string;
  readonly after: string;
};

export type Changes = {
  readonly checked: number;
  readonly changes: readonly Change[];
  /** Debited once, and without a rate now: left as they are. */
  readonly unrated: number;
  /** Their number was erased, so that nobody can tell what it would cost: left as they are. */
  readonly erased: number;
};

/** With a refusal, what came after it was not written; another run does the rest. */
export type Replaced = { readonly written: number; readonly refusal?: LedgerRejection & { readonly tenant: string } };

export type RerateBy = { readonly rerateId: string; readonly author: string };

type NewCharge = Charge | RatingRejection | 'erased' | undefined;

const PAIRS_PER_ROUND = 200;

export class Rerating {
  readonly #plans = new Map<string, readonly PlanFrom[]>();

  /** @param deck in place of the version that was active at each call's answer. */
  constructor(
    private readonly parts: RerateParts,
    private readonly deck?: Deck,
  ) {}

  /** By tenant, and in order of answer time within each. */
  async changes(
    { tenant, ...period }: Period & { readonly tenant?: string | undefined },
    onRated?: (count: number) => void,
  ): Promise<Changes> {
    const changes = new Map<string, Change>();
    let [checked, unrated, erased] = [0, 0, 0];
    for await (const page of debitsOf(this.parts.store, tenant)) {
      for (const debit of page) {
        const { source, id, generation } = debit.data.cdr;
        const key = JSON.stringify([debit.tenant, source, id, debit.data.effectiveAt]);
        // A later generation stands for the call from here on.
        if (generation > 0) changes.delete(key);
        if (!isWithin(period, debit)) continue;
        if (generation === 0) checked += 1;
        const charge = await this.#charge(debit);
        if (!isCharge(charge)) {
          if (generation === 0 && charge === 'erased') erased += 1;
          else if (generation === 0 && charge !== undefined) unrated += 1;
          continue;
        }
        // The charge's own amount, of which included minutes may have paid a part.
        const [before, after] = [String(debit.data.charge['amount']), decimalOf(charge.amountMicros)];
        if (before === after) continue;
        const cdr = { source, id, generation };
        changes.set(key, {
          tenant: debit.tenant,
          revision: debit.revision,
          cdr,
          answeredAt: debit.data.effectiveAt,
          before,
          after,
        });
      }
      onRated?.(page.length);
    }
    const sorted = [...changes.values()].toSorted(
      (left, right) => compare(left.tenant, right.tenant) || compare(left.answeredAt, right.answeredAt),
    );
    return { checked, changes: sorted, unrated, erased };
  }

  /** Replaces debits, those of a tenant in rounds. */
  async write(changes: readonly Change[], by: RerateBy, onReplaced?: (count: number) => void): Promise<Replaced> {
    let written = 0;
    for (let at = 0; at < changes.length;) {
      const { tenant } = changes[at] as Change;
      const round: Change[] = [];
      for (; at < changes.length && round.length < PAIRS_PER_ROUND && changes[at]?.tenant === tenant; at += 1)
        round.push(changes[at] as Change);
      const commands = (await Promise.all(round.map((change) => this.#command(change, by)))).filter(
        (command) => command !== undefined,
      );
      let refusal: LedgerRejection | undefined;
      for (const result of await this.parts.writer.execute(streamOf(tenant), commands)) {
        if (result.kind === 'recorded') written += 1;
        if (result.kind === 'refused') refusal ??= result.refusal;
      }
      failpoint('cli.rerate-after-append');
      if (refusal !== undefined) return { written, refusal: { ...refusal, tenant } };
      onReplaced?.(round.length);
    }
    return { written };
  }

  async #command({ tenant, revision, cdr }: Change, by: RerateBy): Promise<LedgerCommand | undefined> {
    for await (const [stored] of this.parts.store.readStream(streamOf(tenant), { fromRevision: revision, maxCount: 1 })) {
      const event = stored && decode(stored);
      if (event?.type !== 'CallDebited.v1') return undefined;
      const debit = { tenant, revision, data: event.data };
      const charge = await this.#charge(debit);
      if (!isCharge(charge)) return undefined;
      const { report } = event.data;
      const rated = isGivenFree(debit) ? { report: { ...report, capability: null } } : {};
      return { kind: 'rerate-call', nowMs: Date.now(), revision, cdr, charge, ...rated, ...by };
    }
    return undefined;
  }

  /** Undefined where no deck was active, as for an emergency call while there was none. */
  async #charge(debit: Debit): Promise<NewCharge> {
    const { decks, ring } = this.parts;
    const { call, hasNumber } = await callAgain(debit, ring);
    if (!hasNumber) return 'erased';
    const plan = planAt({ plans: await this.#plansOf(debit.tenant) }, call.answerTimeMs);
    const hash = decks.hashAt(plan, call.answerTimeMs);
    const deck = this.deck ?? (hash === undefined ? undefined : await decks.deck(hash));
    return deck && rate({ ...call, plan }, deck);
  }

  async #plansOf(tenant: string): Promise<readonly PlanFrom[]> {
    const known = this.#plans.get(tenant);
    if (known !== undefined) return known;
    const plans = await this.parts.writer.query(streamOf(tenant), (account) => account.plans);
    this.#plans.set(tenant, plans);
    return plans;
  }
}

function isCharge(charge: NewCharge): charge is Charge {
  return charge !== undefined && charge !== 'erased' && !isRatingRejection(charge);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
