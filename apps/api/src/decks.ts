// Rate step's decks, as people work on them over HTTP: files and hashes come in; versions, and what differs between them, go out.
//
// What if an import or an activation comes twice? Content, version and activation are found there, and nothing is added. We die
// half-way? An import is continued where it ended, and only a whole one is ever named by a version.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { ACTIVATION_LEAD_MS, activateDeck, importDeck, type DeckVersion } from '@tollkeeper/decks';
import { contentOf, diffDecks, isDeckRejection, parseDeck, type Deck } from '@tollkeeper/rating';
import { untilKnown } from './active-decks.js';
import type {
  ActivationAnswer,
  DeckDiffView,
  DeckImportAnswer,
  DeckPlanView,
  DecksView,
  DeckState,
  DeckVersionView,
} from './deck-answers.js';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';

/** Of a deck of 170,000 rows with all their columns. */
export const MAX_DECK_BYTES = 32 * 1_048_576;
const MAX_DIFF_ROWS = 1_000;
/** Each holds a text of that size and the rows in it. */
const MAX_IMPORTS_AT_ONCE = 2;
const MAX_DIFFS_KEPT = 8;
/** Until our own shelf has heard of what was just written. */
const SHELF_WITHIN_MS = 2_000;
const SHELF_POLL_MS = 10;

export type DeckUpload = { readonly currency?: string | undefined; readonly author: string; readonly name: string };
export type DeckActivation = { readonly plan?: string | undefined; readonly at?: string | undefined; readonly author: string };

export class Decks {
  readonly #parts: Pick<ApiParts, 'eventStore' | 'decks' | 'options'>;
  /** Two versions never change, and neither does what differs between them. */
  readonly #diffs = new Map<string, Promise<DeckDiffView>>();
  #importsUnderWay = 0;

  constructor(parts: Pick<ApiParts, 'eventStore' | 'decks' | 'options'>) {
    this.#parts = parts;
  }

  known(): Promise<void> {
    return untilKnown(this.#parts.decks);
  }

  async list(): Promise<DecksView> {
    const { decks, options } = this.#parts;
    await this.known();
    const nowMs = options.nowMs();
    const byPlan = Map.groupBy(decks.versions(), ({ plan }) => plan);
    const plans = [...byPlan].map(([plan, versions]): DeckPlanView => ({
      plan,
      versions: versions.map((version) => this.#viewOf(version, nowMs)),
    }));
    return { plans: plans.toSorted((left, right) => left.plan.localeCompare(right.plan)) };
  }

  /** A rate deck's version by its hash or the beginning of it, of any plan. @throws ProblemError when there is none, or several. */
  async versionOf(hash: string, plan?: string): Promise<DeckVersion> {
    const { decks } = this.#parts;
    await this.known();
    const ofPlan = decks.versions().filter((version) => plan === undefined || version.plan === plan);
    const found = ofPlan.filter((version) => version.hash.startsWith(hash));
    const [version] = found;
    if (version === undefined)
      throw problem('deck-unknown', `No version has the hash ${hash}; GET /v1/decks tells which there are.`);
    if (found.length === 1) return version;
    throw problem('deck-ambiguous', `${found.length} versions begin with ${hash}; give more of it, or the plan.`);
  }

  /** Of a version by its beginning. Versions of several plans may have the same rows, and then the same hash. */
  async hashOf(hash: string): Promise<string> {
    await this.known();
    const hashes = new Set(this.#parts.decks.versions().map((version) => version.hash));
    return hashes.has(hash) ? hash : (await this.versionOf(hash)).hash;
  }

  async diff(before: string, after: string): Promise<DeckDiffView> {
    const hashes = [await this.hashOf(before), await this.hashOf(after)] as const;
    const pair = hashes.join(' ');
    const known = this.#diffs.get(pair);
    if (known !== undefined) return known;
    const diffing = this.#diffOf(...hashes);
    this.#diffs.set(pair, diffing);
    diffing.catch(() => this.#diffs.delete(pair));
    const [oldest] = this.#diffs.keys();
    if (this.#diffs.size > MAX_DIFFS_KEPT && oldest !== undefined) this.#diffs.delete(oldest);
    return diffing;
  }

  /** @param read gives the file's text, once it is its turn. @throws ProblemError with every fault of the file. */
  async import(read: () => Promise<string>, { currency, author, name }: DeckUpload): Promise<DeckImportAnswer> {
    if (this.#importsUnderWay >= MAX_IMPORTS_AT_ONCE) {
      throw problem('too-busy', `${MAX_IMPORTS_AT_ONCE} rate decks are being imported; try again shortly.`);
    }
    this.#importsUnderWay += 1;
    try {
      const deck = parseDeck(await read(), currency === undefined ? {} : { currency });
      if (isDeckRejection(deck)) {
        const { faultCount } = deck;
        const faults = deck.faults.map(({ code, line, column, reason: detail }) => ({ line, column, code, detail }));
        const count = faultCount === 1 ? '1 fault' : `${faultCount} faults`;
        throw problem('deck-faulty', `The file has ${count}; no row of it is used.`, { faults, faultCount });
      }
      await nextTurn();
      const { eventStore, options } = this.#parts;
      const imported = await importDeck(eventStore, deck, { by: author, name, nowMs: options.nowMs() });
      await this.#untilHeard(() => imported.every(({ version }) => this.#heardOf(version) !== undefined));
      const versions = imported.map(({ isNew, version: { plan, hash, rows, importedAt, importedBy } }) => {
        return { plan, hash, rows, isNew, importedAt, importedBy };
      });
      return { versions };
    } finally {
      this.#importsUnderWay -= 1;
    }
  }

  /** An instant in the past is taken: calls that were debited keep their price. */
  async activate(hash: string, { plan, at, author: by }: DeckActivation): Promise<ActivationAnswer> {
    const { eventStore, options } = this.#parts;
    const version = await this.versionOf(hash, plan);
    const nowMs = options.nowMs();
    const activeFromMs = at === undefined ? nowMs + ACTIVATION_LEAD_MS : Date.parse(at);
    const named = { plan: version.plan, hash: version.hash };
    const activated = await activateDeck(eventStore, { ...named, activeFromMs, by, nowMs });
    if ('code' in activated) throw problem(activated.code, `${activated.reason}.`);
    const activeFrom = new Date(activeFromMs).toISOString();
    await this.#untilHeard(() => this.#heardOf(version)?.activations.some((one) => one.activeFrom === activeFrom) === true);
    return { ...named, activeFrom, changed: activated.isNew };
  }

  async #diffOf(before: string, after: string): Promise<DeckDiffView> {
    const { decks } = this.#parts;
    const [left, right] = [await decks.deck(before), await decks.deck(after)];
    await nextTurn();
    const differences = diffDecks(left, right);
    await nextTurn();
    const [linesBefore, linesAfter] = [linesOf(left), linesOf(right)];
    const rows = differences.slice(0, MAX_DIFF_ROWS).map((difference) => {
      const { kind } = difference;
      return {
        kind,
        before: kind === 'added' ? null : (linesBefore[difference.before.number] ?? ''),
        after: kind === 'removed' ? null : (linesAfter[difference.after.number] ?? ''),
      };
    });
    const count = (kind: string): number => differences.filter((difference) => difference.kind === kind).length;
    return {
      added: count('added'),
      removed: count('removed'),
      changed: count('changed'),
      columns: { before: linesBefore[0] ?? '', after: linesAfter[0] ?? '' },
      rows,
      truncated: differences.length > rows.length,
    };
  }

  #viewOf({ plan, hash, rows, name, importedAt, importedBy, activations }: DeckVersion, nowMs: number): DeckVersionView {
    const activeFrom = activations.map((activation) => activation.activeFrom);
    return { hash, rows, name, importedAt, importedBy, activeFrom, state: this.#stateOf(plan, hash, activeFrom, nowMs) };
  }

  #stateOf(plan: string, hash: string, activeFrom: readonly string[], nowMs: number): DeckState {
    const { decks } = this.#parts;
    if (activeFrom.length === 0) return 'never';
    if (decks.hashAt(plan, nowMs) === hash) return 'active';
    // Another one may have been activated for the same instant later.
    const comes = activeFrom.some((at) => Date.parse(at) > nowMs && decks.hashAt(plan, Date.parse(at)) === hash);
    return comes ? 'upcoming' : 'past';
  }

  #heardOf({ plan, hash }: DeckVersion): DeckVersion | undefined {
    return this.#parts.decks.versions().find((version) => version.plan === plan && version.hash === hash);
  }

  /** So that whoever asks for the list next finds it there. What is written stands in any case. */
  async #untilHeard(isHeard: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + SHELF_WITHIN_MS;
    while (!isHeard() && performance.now() < deadlineMs) await delay(SHELF_POLL_MS);
  }
}

/** The header at 0, then each row at its number. */
function linesOf(deck: Deck): readonly string[] {
  return contentOf(deck).split('\n');
}
