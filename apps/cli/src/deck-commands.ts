// `tollkeeper deck …`: checks files, imports them as versions, shows, compares and activates versions.

import { readFileSync } from 'node:fs';
import { contentOf, diffDecks, type DeckDifference, type DeckRow } from '@tollkeeper/rating';
import type { DeckVersion } from '@tollkeeper/decks';
import type { Target } from './command-parts.js';
import { deckInFile, deckNamed } from './deck-files.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, tableOf } from './output.js';

type Json = { readonly json?: boolean };

const SHORT_HASH = 12;

export function check(file: string, { currency, json }: Json & { readonly currency?: string }): void {
  const deck = deckInFile(file, currency);
  const plans = [...deck.books.keys()];
  if (json) printJson({ file, rows: deck.rowCount, plans, hash: deck.hash });
  else console.log(`${file}: ${deck.rowCount} rows, ${plans.length === 1 ? 'plan' : 'plans'} ${plans.join(', ')}, no fault`);
}

export type ImportOptions = Json & { readonly currency?: string; readonly by: string; readonly activate?: number };

export async function importFile(file: string, options: ImportOptions, target: Target): Promise<void> {
  const { currency, by, activate: activeFromMs, json } = options;
  const deck = deckInFile(file, currency);
  const imported = await target.run<readonly Imported[]>({
    async local(engines) {
      const { importDeck } = await import('@tollkeeper/decks');
      const versions = await importDeck(await engines.eventStore(), deck, { by, name: file, nowMs: Date.now() });
      return versions.map(({ isNew, version }) => ({ ...version, isNew }));
    },
    async remote(server) {
      const text = { type: 'text/csv', content: readFileSync(file) };
      const query = { author: by, currency, name: file };
      return (await server.ask<{ readonly versions: readonly Imported[] }>('POST', '/v1/decks', { text, query })).versions;
    },
  });
  if (activeFromMs !== undefined) {
    for (const version of imported) await activateVersion(version, activeFromMs, by, target);
  }
  if (json) printJson(imported.map(({ plan, hash, rows, isNew }) => ({ plan, hash, rows, isNew })));
  else {
    for (const { plan, hash, rows, isNew, importedAt, importedBy } of imported)
      console.log(`plan ${plan}: ${rows} rows as version ${hash}${isNew ? '' : `, imported ${importedAt} by ${importedBy}`}`);
    if (activeFromMs === undefined) console.log('not active yet; tollkeeper deck activate HASH makes it so');
    else console.log(`active for calls answered from ${new Date(activeFromMs).toISOString()}`);
  }
}

/** A plan's version, and whether it is so only since this import. */
type Imported = Pick<DeckVersion, 'plan' | 'hash' | 'rows' | 'importedAt' | 'importedBy'> & { readonly isNew: boolean };

export async function list({ plan, json }: Json & { readonly plan?: string }, engines: Engines): Promise<void> {
  const { readDeckVersions } = await import('@tollkeeper/decks');
  const versions = await readDeckVersions(await engines.eventStore(), plan);
  if (json) {
    printJson(versions);
    return;
  }
  if (versions.length === 0) console.log('no version was imported yet; tollkeeper deck import FILE imports one');
  else {
    const rows = versions.map(({ plan: of, hash, rows: count, importedAt, importedBy, name, activations }) => {
      const active = activations.map(({ activeFrom }) => activeFrom).join(', ');
      return [of, hash.slice(0, SHORT_HASH), count, importedAt, importedBy, name, active || 'never activated'];
    });
    console.log(tableOf(['plan', 'version', 'rows', 'imported', 'by', 'from', 'active for calls answered from'], rows));
  }
}

/** Exactly what the hash is of. */
export async function show(name: string, engines: Engines): Promise<void> {
  const content = contentOf(await deckNamed(name, engines));
  await new Promise((resolve) => process.stdout.write(content, resolve));
}

export async function diff(
  before: string,
  after: string,
  { currency, json }: Json & { readonly currency?: string },
  engines: Engines,
): Promise<void> {
  const differences = diffDecks(await deckNamed(before, engines, currency), await deckNamed(after, engines, currency));
  if (json) printJson(differences.map(plain));
  else if (differences.length === 0) console.log('the same rows');
  else console.log(tableOf(['', 'prefix', 'destination', 'before', 'after', 'changed'], differences.map(rowOf)));
}

export type ActivateOptions = Json & { readonly plan?: string; readonly at?: number; readonly by: string };

export async function activate(hash: string, { plan, at, by, json }: ActivateOptions, target: Target): Promise<void> {
  const { ACTIVATION_LEAD_MS, LEAST_HASH_CHARS, readDeckVersions } = await import('@tollkeeper/decks');
  if (hash.length < LEAST_HASH_CHARS)
    throw new CommandError(`"${hash}" is too short; give at least ${LEAST_HASH_CHARS} characters of the hash`);
  const known = await readDeckVersions(await target.engines.eventStore(), plan);
  const versions = known.filter((version) => version.hash.startsWith(hash));
  const [version] = versions;
  if (version === undefined) throw new CommandError(`no version begins with ${hash}; tollkeeper deck list tells which there are`);
  if (versions.length > 1) throw new CommandError(`${versions.length} versions begin with ${hash}; give more of it, or --plan`);
  const activeFromMs = at ?? Date.now() + ACTIVATION_LEAD_MS;
  await activateVersion(version, activeFromMs, by, target);
  const activeFrom = new Date(activeFromMs).toISOString();
  if (json) printJson({ plan: version.plan, hash: version.hash, activeFrom });
  else console.log(`plan ${version.plan}: version ${version.hash} is active for calls answered from ${activeFrom}`);
}

type Named = Pick<DeckVersion, 'plan' | 'hash'>;

async function activateVersion({ plan, hash }: Named, activeFromMs: number, by: string, target: Target): Promise<void> {
  const nowMs = Date.now();
  if (activeFromMs < nowMs) {
    console.error('calls answered since then that were debited keep their price; tollkeeper rerate changes it');
  }
  await target.run<unknown>({
    async local(engines) {
      const { activateDeck } = await import('@tollkeeper/decks');
      const activated = await activateDeck(await engines.eventStore(), { plan, hash, activeFromMs, by, nowMs });
      if ('code' in activated) throw new CommandError(`${activated.code}: ${activated.reason}`, EXIT.found);
    },
    remote: (server) =>
      server.ask('POST', `/v1/decks/${hash}/activations`, {
        body: { at: new Date(activeFromMs).toISOString(), author: by, plan },
      }),
  });
}

function rowOf(difference: DeckDifference): readonly string[] {
  const row = difference.kind === 'removed' ? difference.before : difference.after;
  const before = difference.kind === 'added' ? '' : priceOf(difference.before);
  const after = difference.kind === 'removed' ? '' : priceOf(difference.after);
  return [
    difference.kind,
    row.prefix,
    row.destination,
    before,
    after,
    difference.kind === 'changed' ? difference.columns.join(' ') : '',
  ];
}

function priceOf({ rate, rateUnitSeconds, connectFee, currency }: DeckRow): string {
  return `${rate}/${rateUnitSeconds} s${connectFee === '0' ? '' : ` + ${connectFee}`} ${currency}`;
}

function plain(difference: DeckDifference): object {
  const { before, after, ...rest } = { before: undefined, after: undefined, ...difference };
  return { ...rest, ...(before && { before: plainRow(before) }), ...(after && { after: plainRow(after) }) };
}

function plainRow({ window, ...row }: DeckRow): object {
  const { zone, validFromMs, validToMs, ...when } = window;
  const instant = (atMs: number): string | null => (Number.isFinite(atMs) ? new Date(atMs).toISOString() : null);
  return { ...row, ...when, timezone: zone.name, validFrom: instant(validFromMs), validTo: instant(validToMs) };
}
