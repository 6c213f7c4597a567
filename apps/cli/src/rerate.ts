// `tollkeeper rerate`: what each call of a period would cost is shown; what differs is replaced after a person has agreed.

import { randomUUID } from 'node:crypto';
import type { Period } from '@tollkeeper/audit';
import type { Deck } from '@tollkeeper/rating';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { Rerating, type Change, type Changes } from '@tollkeeper/operations';
import { confirmed, type Target } from './command-parts.js';
import { deckNamed } from './deck-files.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { openWriter } from './ledger-account.js';
import { printJson, Progress, ShareProgress, tableOf } from './output.js';

export type RerateOptions = Period & {
  readonly tenant?: string;
  /** By default the version that was active at each call's answer. */
  readonly deck?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly by: string;
  readonly json?: boolean;
};

export type RerateResult = Changes & { readonly written: number; readonly rerateId: string };

const MAX_LISTED = 50;

export async function rerate(options: RerateOptions, target: Target): Promise<void> {
  const deck = options.deck === undefined ? undefined : await deckToRateBy(options.deck, options, target.engines);
  const rerating = await openRerating(target.engines, deck);
  const progress = new Progress('debits rated again');
  const found = await rerating.changes(options, (count) => progress.add(count));
  progress.end();
  const isAgreed = found.changes.length > 0 && !options.dryRun && (await agreed(found.changes, options));
  const result = isAgreed ? await replace(found, options, deck, target) : { ...found, written: 0, rerateId: randomUUID() };
  if (options.json) printJson(result);
  else console.log(summaryOf(result, options, isAgreed));
}

async function deckToRateBy(name: string, { dryRun }: RerateOptions, engines: Engines): Promise<Deck> {
  const deck = await deckNamed(name, engines);
  // A charge names its version, which must be there for whoever checks it.
  if (dryRun || (await engines.decks()).versions().some(({ hash }) => hash === deck.hash)) return deck;
  throw new CommandError(`${name} is no version of a plan; import it with tollkeeper deck import, or look only with --dry-run`);
}

async function openRerating(engines: Engines, deck: Deck | undefined): Promise<Rerating> {
  const [store, decks, ring] = [await engines.eventStore(), await engines.decks(), await engines.keyRing()];
  return new Rerating({ store, decks, ring, writer: await openWriter(engines) }, deck);
}

async function replace(found: Changes, options: RerateOptions, deck: Deck | undefined, target: Target): Promise<RerateResult> {
  return target.run<RerateResult>({
    async local(engines) {
      const rerateId = randomUUID();
      const progress = new Progress(`of ${found.changes.length} debits replaced`);
      const rerating = await openRerating(engines, deck);
      const by = { rerateId, author: options.by };
      const { written, refusal } = await rerating.write(found.changes, by, (count) => progress.add(count));
      progress.end();
      if (refusal === undefined) return { ...found, written, rerateId };
      const { tenant, code, reason } = refusal;
      const done = `${written} debits were replaced, run it again`;
      throw new CommandError(`tenant ${tenant}: ${code}: ${reason}; ${done}`, EXIT.found);
    },
    async remote(server) {
      const { fromMs, toMs, tenant, by: author } = options;
      const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
      const [rating, replacing] = [new ShareProgress('debits rated again by the server'), new ShareProgress('debits replaced')];
      const body = { from, to, author, tenant, deck: deck?.hash };
      const onProgress = ({ rated, replaced, of = 0 }: Readonly<Record<string, number>>): void => {
        if (rated !== undefined) rating.show(rated, null);
        if (replaced !== undefined) replacing.show(replaced, of === 0 ? null : replaced / of);
      };
      try {
        return await server.ask<RerateResult>('POST', '/v1/rerates', { body, onProgress });
      } finally {
        replacing.end();
      }
    },
  });
}

async function agreed(changes: readonly Change[], { yes, json }: RerateOptions): Promise<boolean> {
  if (!yes && !json && process.stdin.isTTY) console.log(changesTable(changes));
  return confirmed(`${changes.length} debits would be replaced`, { yes, json });
}

function summaryOf(
  { checked, changes, unrated, erased, written, rerateId }: RerateResult,
  { dryRun, yes }: RerateOptions,
  isAgreed: boolean,
): string {
  const lines: string[] = [];
  if (changes.length > 0 && (dryRun || yes)) lines.push(changesTable(changes));
  for (const [tenant, sum] of totalsOf(changes)) lines.push(`tenant ${tenant}: ${sum} in all`);
  if (unrated > 0) lines.push(`${unrated} debits have no rate now and stay as they are`);
  if (erased > 0) lines.push(`${erased} debits have had their number erased and stay as they are`);
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
