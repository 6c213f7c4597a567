// Proof of the ledger, whole: the stores, the deck versions, the keys and the gateway's list come in; each check with how many it looked
// at and how many differ, and the first differences, go out. The ledger is read once, in memory that grows with the number of tenants
// and payments, and by twenty to seventy bytes a call. Nothing is written but the checkpoint that was asked for.

import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import type { CallDebited } from '@tollkeeper/ledger';
import type { PaymentList } from '@tollkeeper/payment-gateway';
import type { Row } from '@tollkeeper/projections';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { chargeAgain, mendingOf } from '../charges.js';
import { BooksCheck } from './books.js';
import { CallsCheck } from './calls.js';
import { ChainCheck } from './chain.js';
import { compareCheckpoint, saveCheckpoint } from './checkpoint.js';
import { CHECK_NAMES, checkOf, Line, type CheckLine, type CheckName, type LedgerDifference } from './findings.js';
import { ledgerPages, type SeenEvent } from './ledger-pages.js';
import { MonthsCheck } from './months.js';
import { comparePayments } from './payments.js';
import { PoolsCheck } from './pools.js';
import { LEDGER_FIRST, ProjectionsCheck } from './projections.js';
import { checkDecks } from './rate-decks.js';
import { RechargesCheck } from './recharges.js';
import { trialBalance, type TrialBalance } from './trial-balance.js';

/** What is not at hand, and what to do so that it is. */
export type NotAtHand = { readonly notChecked: string };

export type LedgerParts = {
  readonly store: EventStore;
  readonly decks: DeckShelf | NotAtHand;
  readonly ring: KeyRing | NotAtHand;
  readonly readStore: ReadStore<Tables> | NotAtHand;
  readonly gateway: PaymentList | NotAtHand;
};

export type VerifyLedgerOptions = {
  readonly tenant?: string | undefined;
  /** By default all; the check of the checkpoint needs its file besides. */
  readonly only?: readonly CheckName[] | undefined;
  /** File that an earlier run saved. */
  readonly checkpoint?: string | undefined;
  /** File to write, when nothing in the history differs. */
  readonly saveCheckpoint?: string | undefined;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
};

export type LedgerVerification = {
  readonly events: number;
  readonly checks: readonly CheckLine[];
  /** The first of each line. */
  readonly differences: readonly LedgerDifference[];
  readonly trialBalance: readonly TrialBalance[];
  /** Undefined where none was asked for; false: not written, since the history differs, is empty, or was not looked at. */
  readonly checkpointSaved?: boolean;
};

/** @param onProgress hears how many more events were read. */
export async function verifyLedger(
  parts: LedgerParts,
  options: VerifyLedgerOptions,
  onProgress: (events: number) => void = () => undefined,
): Promise<LedgerVerification> {
  const run = new Verifier(parts, options);
  try {
    return ledgerFirst(await run.verify(onProgress));
  } finally {
    await run.close();
  }
}

/** Of runs that each made some of the checks: one, as if all had been made at once. */
export function mergedVerification(runs: readonly LedgerVerification[]): LedgerVerification {
  const lines = new Map<string, { readonly line: CheckLine; readonly differences: readonly LedgerDifference[] }>();
  for (const { checks, differences } of runs) {
    for (const line of checks) {
      // Each run tells of events that cannot be read: the one that has looked at the whole chain knows most.
      if ((lines.get(line.name)?.line.checked ?? -1) >= line.checked) continue;
      lines.set(line.name, { line, differences: differences.filter(({ check }) => check === line.name) });
    }
  }
  const placeOf = ({ line: { name } }: { readonly line: CheckLine }): number => CHECK_NAMES.indexOf(checkOf(name));
  const inOrder = [...lines.values()].toSorted((left, right) => placeOf(left) - placeOf(right));
  const saved = runs.find(({ checkpointSaved }) => checkpointSaved !== undefined)?.checkpointSaved;
  return ledgerFirst({
    events: Math.max(...runs.map(({ events }) => events)),
    checks: inOrder.map(({ line }) => line),
    differences: inOrder.flatMap(({ differences }) => differences),
    trialBalance: runs.flatMap((run) => run.trialBalance),
    ...(saved === undefined ? {} : { checkpointSaved: saved }),
  });
}

const LEDGER: ReadonlySet<string> = new Set<CheckName>(['hash chain', 'checkpoint', 'balances']);

/** Rows that are built anew from a history which is wrong are wrong again. */
function ledgerFirst(verification: LedgerVerification): LedgerVerification {
  if (!verification.checks.some(({ name, differ }) => differ > 0 && LEDGER.has(name))) return verification;
  const differences = verification.differences.map((each) =>
    checkOf(each.check) === 'projections' ? { ...each, advice: LEDGER_FIRST } : each,
  );
  return { ...verification, differences };
}

class Verifier {
  readonly #wanted: ReadonlySet<CheckName>;
  readonly #lines: Line[] = [];
  readonly #chain = new ChainCheck();
  readonly #books = new BooksCheck();
  readonly #months = new MonthsCheck();
  readonly #pools = new PoolsCheck();
  readonly #recharges = new RechargesCheck();
  readonly #calls = new CallsCheck();
  readonly #charges = new Line('charges', 'Restore the event store or the keys from a backup; without them nobody can rate it.');
  #projections: ProjectionsCheck | undefined;
  #trialBalance: readonly TrialBalance[] = [];
  #byPrefix = 0;
  #withoutPersons = 0;
  #position = 0n;
  #events = 0;

  constructor(
    private readonly parts: LedgerParts,
    private readonly options: VerifyLedgerOptions,
  ) {
    this.#wanted = new Set(options.only ?? CHECK_NAMES);
  }

  async close(): Promise<void> {
    await this.#projections?.close();
  }

  async verify(onProgress: (events: number) => void): Promise<LedgerVerification> {
    const { store, readStore } = this.parts;
    const { tenant, signal } = this.options;
    if (this.#wants('projections') && !('notChecked' in readStore))
      this.#projections = await ProjectionsCheck.open(readStore, { tenant, isErased: this.#isErased, signal });
    for await (const page of ledgerPages(store, tenant, (refused) => this.#chain.refused(refused))) {
      signal?.throwIfAborted();
      for (const event of page) this.#see(event);
      if (this.#wants('charges')) await this.#rateAgain(page);
      await this.#projections?.see(page.map((event) => event.recorded));
      this.#events += page.length;
      this.#position = page.at(-1)?.stored.position ?? this.#position;
      onProgress(page.length);
    }
    await this.#end();
    const checkpointSaved = await this.#saveCheckpoint();
    return {
      events: this.#events,
      checks: this.#lines.map((line) => line.told()),
      differences: this.#lines.flatMap(({ differences }) => differences),
      trialBalance: this.#trialBalance,
      ...(checkpointSaved === undefined ? {} : { checkpointSaved }),
    };
  }

  /** What prices are redone with: both or nothing. */
  get #pricing(): { readonly decks: DeckShelf; readonly ring: KeyRing } | NotAtHand {
    const { decks, ring } = this.parts;
    if ('notChecked' in decks) return decks;
    return 'notChecked' in ring ? ring : { decks, ring };
  }

  #wants(name: CheckName): boolean {
    return this.#wanted.has(name);
  }

  #see(event: SeenEvent): void {
    if (this.#wants('hash chain')) this.#chain.see(event);
    else if (!event.isReadable) this.#chain.refused({ at: event.stored, reason: 'it is no JSON object' });
    if (this.#wants('balances') || this.#wants('trial balance')) this.#books.see(event);
    if (this.#wants('months')) this.#months.see(event);
    if (this.#wants('pools')) this.#pools.see(event);
    if (this.#wants('recharges') || this.#wants('payments')) this.#recharges.see(event);
    if (this.#wants('calls')) this.#calls.see(event);
  }

  /** In the order of `CHECK_NAMES`. */
  async #end(): Promise<void> {
    const { store } = this.parts;
    const { checkpoint, tenant } = this.options;
    // What cannot be read is missing from every other line: it is told by this one, wanted or not.
    if (this.#wants('hash chain') || this.#chain.line.differ > 0) this.#lines.push(this.#chain.line);
    if (this.#wants('checkpoint') && checkpoint !== undefined) {
      this.#lines.push(await compareCheckpoint(store, checkpoint, { tenant }));
    }
    if (this.#wants('rate decks')) this.#lines.push(await checkDecks(store));
    if (this.#wants('balances')) this.#lines.push(this.#books.line);
    if (this.#wants('trial balance')) {
      const { line, rows } = trialBalance(this.#books);
      this.#lines.push(line);
      this.#trialBalance = rows;
    }
    if (this.#wants('months')) this.#lines.push(this.#months.line);
    if (this.#wants('pools')) this.#lines.push(this.#pools.line);
    this.#recharges.end();
    if (this.#wants('recharges')) this.#lines.push(this.#recharges.line);
    if (this.#wants('payments')) this.#lines.push(await this.#payments());
    if (this.#wants('calls')) this.#lines.push(this.#calls.line);
    if (this.#wants('charges')) {
      if ('notChecked' in this.#pricing) this.#charges.notChecked = this.#pricing.notChecked;
      if (this.#byPrefix > 0) this.#charges.remark(`${this.#byPrefix} by prefix, their number erased`);
      this.#lines.push(this.#charges);
    }
    if (this.#wants('projections')) this.#lines.push(...(await this.#projectionLines()));
  }

  async #rateAgain(page: readonly SeenEvent[]): Promise<void> {
    const pricing = this.#pricing;
    if ('notChecked' in pricing) return;
    for (const event of page) {
      const { stream, revision, type } = event.stored;
      if (type !== 'CallDebited.v1') continue;
      this.#charges.checked += 1;
      try {
        const debit = { tenant: event.tenant, revision, data: event.data as unknown as CallDebited };
        const { parts, isErased } = await chargeAgain(debit, pricing);
        if (isErased) this.#byPrefix += 1;
        if (parts === undefined) continue;
        const said = Object.entries(parts).map(
          ([name, { recorded, rated }]) => `${name} ${JSON.stringify(recorded)}, rated ${JSON.stringify(rated)}`,
        );
        this.#charges.differs(
          { stream, revision },
          `CDR ${debit.data.cdr.id}: ${said.join('; ')}`,
          mendingOf(parts, { isErased }),
        );
      } catch (error) {
        // A store that is away proves nothing either way; what can never be rated is found.
        if ((error as { readonly retryable?: boolean }).retryable === true) throw error;
        this.#charges.differs({ stream, revision }, `it cannot be rated again: ${(error as Error).message}`);
      }
    }
  }

  async #payments(): Promise<Line> {
    const { gateway } = this.parts;
    if ('notChecked' in gateway) return unchecked('payments', gateway.notChecked);
    const { tenant, nowMs, signal = new AbortController().signal } = this.options;
    try {
      return await comparePayments(this.#recharges, gateway, { tenant, nowMs, signal });
    } catch (error) {
      return unchecked('payments', (error as Error).message);
    }
  }

  async #projectionLines(): Promise<readonly Line[]> {
    const { readStore, store } = this.parts;
    if ('notChecked' in readStore) return [unchecked('projections', readStore.notChecked)];
    const lines = (await this.#projections?.end(store)) ?? [];
    const { ring } = this.parts;
    if (this.#withoutPersons > 0 && 'notChecked' in ring) {
      const found = `${this.#withoutPersons} without persons; whether those were erased is not checked: ${ring.notChecked}`;
      lines.find(({ name }) => name === 'projection calls')?.remark(found);
    }
    return lines;
  }

  /** Erasing clears the persons of calls from their rows; nothing else of a row may be missing. Without the keys it may be so. */
  readonly #isErased = async (table: string, column: string, replayed: Row): Promise<boolean> => {
    if (table !== 'call' || column !== 'parties') return false;
    const { ring } = this.parts;
    if ('notChecked' in ring) {
      this.#withoutPersons += 1;
      return true;
    }
    const [tenant, key] = [String(replayed['tenant']), `${String(replayed['source'])}\u0000${String(replayed['cdr_id'])}`];
    return (await ring.unseal(tenant, key, String(replayed['parties']))) === 'erased';
  };

  async #saveCheckpoint(): Promise<boolean | undefined> {
    const { saveCheckpoint: file, nowMs, tenant } = this.options;
    if (file === undefined) return undefined;
    // What a checkpoint says is taken for true later: the chain has to hold, and to have been looked at.
    const history = this.#lines.filter(({ name }) => name === 'hash chain' || name === 'checkpoint');
    const isProven = this.#wants('hash chain') && this.#chain.heads.size > 0;
    if (!isProven || history.some(({ differ }) => differ > 0)) return false;
    const header = { madeAt: new Date(nowMs).toISOString(), position: String(this.#position) };
    await saveCheckpoint(file, tenant === undefined ? header : { ...header, tenant }, this.#chain.heads);
    return true;
  }
}

function unchecked(name: CheckName, why: string): Line {
  const line = new Line(name, '');
  line.notChecked = why;
  return line;
}
