// `tollkeeper rerate`: the calls of a period are rated again, in order of answer time; where the amount is another, the debit is
// reversed and made anew, after a person has seen the differences.
//
// What if it is run twice? The second time every debit has the amount that rating says, and nothing is written. What if we die in
// between? Each pair is one append; the next run finds what is left. What if a debit changes meanwhile? The account knows its
// latest generation and writes nothing.

import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { callAgain, debitsOf, isGivenFree, isWithin, type Debit, type Period } from '@tollkeeper/audit';
import type { Charge } from '@tollkeeper/charge';
import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import { decode, planAt, streamOf, type LedgerCommand, type PlanFrom } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { failpoint } from '@tollkeeper/program';
import { isRatingRejection, rate, type Deck, type RatingRejection } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';
import { deckNamed } from './deck-files.js';
import type { Engines } from './engines.js';
import { CommandError } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';

export type RerateOptions = Period & {
  readonly tenant?: string;
  /** By default the version that was active at each call's answer. */
  readonly deck?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly by: string;
  readonly json?: boolean;
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

export type RerateResult = {
  readonly checked: number;
  readonly changes: readonly Change[];
  /** Debited once, and without a rate now: left as they are. */
  readonly unrated: number;
  readonly written: number;
  readonly rerateId: string;
};

const MAX_LISTED = 50;
const PAIRS_PER_ROUND = 200;

export async function rerate(options: RerateOptions, engines: Engines): Promise<void> {
  const rater = await Rater.open(options, engines);
  const found = await rater.changes(options);
  const rerateId = randomUUID();
  const isAgreed = found.changes.length > 0 && !options.dryRun && (await agreed(found.changes, options));
  const written = isAgreed ? await rater.write(found.changes, { rerateId, author: options.by }) : 0;
  const result: RerateResult = { ...found, written, rerateId };
  if (options.json) printJson(result);
  else console.log(summaryOf(result, options, isAgreed));
}

class Rater {
  readonly #plans = new Map<string, readonly PlanFrom[]>();

  private constructor(
    private readonly store: EventStore,
    private readonly decks: DeckShelf,
    private readonly ring: KeyRing,
    private readonly writer: LedgerWriter,
    private readonly deck: Deck | undefined,
  ) {}

  static async open({ deck, dryRun }: RerateOptions, engines: Engines): Promise<Rater> {
    const store = await engines.eventStore();
    const decks = await engines.decks();
    const named = deck === undefined ? undefined : await deckNamed(deck, engines);
    // A charge names its version, which must be there for whoever checks it.
    if (named !== undefined && !dryRun && !decks.versions().some(({ hash }) => hash === named.hash)) {
      throw new CommandError(
        `${deck} is no version of a plan; import it with tollkeeper deck import, or look only with --dry-run`,
      );
    }
    return new Rater(store, decks, await engines.keyRing(), await openWriter(store), named);
  }

  /** By tenant, and in order of answer time within each. */
  async changes({ tenant, ...period }: RerateOptions): Promise<Pick<RerateResult, 'checked' | 'changes' | 'unrated'>> {
    const progress = new Progress('debits rated again');
    const changes = new Map<string, Change>();
    let [checked, unrated] = [0, 0];
    for await (const page of debitsOf(this.store, tenant)) {
      for (const debit of page) {
        const { source, id, generation } = debit.data.cdr;
        const key = JSON.stringify([debit.tenant, source, id, debit.data.effectiveAt]);
        // A later generation stands for the call from here on.
        if (generation > 0) changes.delete(key);
        if (!isWithin(period, debit)) continue;
        if (generation === 0) checked += 1;
        const charge = await this.#charge(debit);
        if (charge === undefined || isRatingRejection(charge)) {
          if (charge !== undefined && generation === 0) unrated += 1;
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
      progress.add(page.length);
    }
    progress.end();
    const sorted = [...changes.values()].toSorted(
      (left, right) => compare(left.tenant, right.tenant) || compare(left.answeredAt, right.answeredAt),
    );
    return { checked, changes: sorted, unrated };
  }

  /** How many debits were replaced. */
  async write(changes: readonly Change[], by: { readonly rerateId: string; readonly author: string }): Promise<number> {
    const progress = new Progress(`of ${changes.length} debits replaced`);
    let written = 0;
    for (let at = 0; at < changes.length;) {
      const { tenant } = changes[at] as Change;
      const round: Change[] = [];
      for (; at < changes.length && round.length < PAIRS_PER_ROUND && changes[at]?.tenant === tenant; at += 1)
        round.push(changes[at] as Change);
      const commands = (await Promise.all(round.map((change) => this.#command(change, by)))).filter(
        (command) => command !== undefined,
      );
      for (const result of await this.writer.execute(streamOf(tenant), commands)) {
        if (result.kind === 'recorded') written += 1;
        if (result.kind === 'refused')
          throw new CommandError(
            `tenant ${tenant}: ${result.refusal.code}: ${result.refusal.reason}; ${written} debits were replaced, run it again`,
          );
      }
      failpoint('cli.rerate-after-append');
      progress.add(round.length);
    }
    progress.end();
    await this.writer.close();
    return written;
  }

  async #command(
    { tenant, revision, cdr }: Change,
    by: { readonly rerateId: string; readonly author: string },
  ): Promise<LedgerCommand | undefined> {
    for await (const [stored] of this.store.readStream(streamOf(tenant), { fromRevision: revision, maxCount: 1 })) {
      const event = stored && decode(stored);
      if (event?.type !== 'CallDebited.v1') return undefined;
      const debit = { tenant, revision, data: event.data };
      const charge = await this.#charge(debit);
      if (charge === undefined || isRatingRejection(charge)) return undefined;
      const { report } = event.data;
      const rated = isGivenFree(debit) ? { report: { ...report, capability: null } } : {};
      return { kind: 'rerate-call', nowMs: Date.now(), revision, cdr, charge, ...rated, ...by };
    }
    return undefined;
  }

  /** Undefined where no deck was active, as for an emergency call while there was none. */
  async #charge(debit: Debit): Promise<Charge | RatingRejection | undefined> {
    const { call } = await callAgain(debit, this.ring);
    const plan = planAt({ plans: await this.#plansOf(debit.tenant) }, call.answerTimeMs);
    const hash = this.decks.hashAt(plan, call.answerTimeMs);
    const deck = this.deck ?? (hash === undefined ? undefined : await this.decks.deck(hash));
    return deck && rate({ ...call, plan }, deck);
  }

  async #plansOf(tenant: string): Promise<readonly PlanFrom[]> {
    const known = this.#plans.get(tenant);
    if (known !== undefined) return known;
    const plans = await this.writer.query(streamOf(tenant), (account) => account.plans);
    this.#plans.set(tenant, plans);
    return plans;
  }
}

type LedgerWriter = Awaited<ReturnType<typeof openWriter>>;

async function openWriter(store: EventStore) {
  const { StreamWriter } = await import('@tollkeeper/event-store');
  const { ledgerDecider } = await import('@tollkeeper/ledger');
  return new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 10 });
}

async function agreed(changes: readonly Change[], { yes, json }: RerateOptions): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || json) {
    throw new CommandError(
      `${changes.length} debits would be replaced; give --yes to write without asking, or --dry-run to look only`,
    );
  }
  console.log(changesTable(changes));
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`Replace these ${changes.length} debits? Type yes: `);
  asking.close();
  return answer.trim() === 'yes';
}

function summaryOf(
  { checked, changes, unrated, written, rerateId }: RerateResult,
  { dryRun, yes }: RerateOptions,
  isAgreed: boolean,
): string {
  const lines: string[] = [];
  if (changes.length > 0 && (dryRun || yes)) lines.push(changesTable(changes));
  for (const [tenant, sum] of totalsOf(changes)) lines.push(`tenant ${tenant}: ${sum} in all`);
  if (unrated > 0) lines.push(`${unrated} debits have no rate now and stay as they are`);
  const outcome = isAgreed ? `${written} replaced, rerate ${rerateId}` : 'nothing was written';
  lines.push(`${checked} debits rated again, ${changes.length} differ; ${outcome}`);
  return lines.join('\n');
}

function changesTable(changes: readonly Change[]): string {
  const rows = changes
    .slice(0, MAX_LISTED)
    .map(({ tenant, cdr, answeredAt, before, after }) => [tenant, cdr.id, answeredAt, before, after]);
  const more = changes.length > MAX_LISTED ? `\n… and ${changes.length - MAX_LISTED} more` : '';
  return tableOf(['tenant', 'CDR', 'answered', 'debited', 'rated'], rows) + more;
}

/** What each tenant pays more, or less than zero: is given back. */
function totalsOf(changes: readonly Change[]): ReadonlyMap<string, string> {
  const sums = new Map<string, bigint>();
  for (const { tenant, before, after } of changes)
    sums.set(tenant, (sums.get(tenant) ?? 0n) + microsOf(after) - microsOf(before));
  return new Map([...sums].map(([tenant, sum]) => [tenant, `${sum > 0n ? '+' : ''}${decimalOf(sum)}`]));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
