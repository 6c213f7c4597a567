// `tollkeeper explain`: a CDR id in, the call explained on one page out. Where something does not agree, it says so and exits 1.

import { readFileSync } from 'node:fs';
import { explainCall, keptOnBus, type CallQuery, type ExplainParts, type FoundCall } from '@tollkeeper/audit';
import { parseSources, type SourceSettings } from '@tollkeeper/rating';
import { assertTables } from '@tollkeeper/read-models';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { explanationPage } from './explain-page.js';
import { printJson, Progress, tableOf } from './output.js';
import { switchesFileOf } from './switches.js';

export type ExplainOptions = Omit<CallQuery, 'cdrId' | 'answeredAtMs'> & {
  /** Milliseconds. */
  readonly answered?: number;
  readonly data?: string;
  readonly json?: boolean;
};

export async function explain(cdrId: string, { data, json, ...options }: ExplainOptions, engines: Engines): Promise<void> {
  const { tenant, source, answered: answeredAtMs } = options;
  const progress = new Progress('events read');
  const parts = await partsOf(engines, data, (events) => progress.add(events));
  const explained = await explainCall(parts, { cdrId, tenant, source, answeredAtMs });
  progress.end();
  if (explained.kind === 'none') throw new CommandError(notFound(cdrId, options), EXIT.found);
  if (explained.kind === 'several') {
    if (json === true) printJson({ calls: explained.calls });
    else console.log(tableOf(['tenant', 'source', 'answered', 'revision'], explained.calls.map(columnsOf)));
    throw new CommandError(
      `${explained.calls.length} calls have the id ${cdrId}; choose one with --tenant, --source and --answered`,
      EXIT.found,
    );
  }
  const { explanation } = explained;
  if (json === true) printJson(explanation);
  else console.log(explanationPage(explanation));
  const { faults } = explanation;
  if (faults.length > 0) throw new CommandError(`call ${cdrId} does not agree with itself: ${faults.join('; ')}`, EXIT.found);
}

function columnsOf({ tenant, source, answeredAt, revision }: FoundCall): readonly (string | number)[] {
  return [tenant, source, answeredAt, revision];
}

function notFound(cdrId: string, { tenant, source, answered }: ExplainOptions): string {
  const where = [
    tenant === undefined ? '' : ` of tenant ${tenant}`,
    source === undefined ? '' : ` from source ${source}`,
    answered === undefined ? '' : `, answered at ${new Date(answered).toISOString()},`,
  ];
  return `no CDR ${cdrId}${where.join('')} was recorded; it may have been put aside: tollkeeper dead-letters list`;
}

async function partsOf(engines: Engines, data: string | undefined, onRead: (events: number) => void): Promise<ExplainParts> {
  const shelf = await engines.decks();
  const sources = sourcesOf(switchesFileOf({ data }));
  return {
    eventStore: await engines.eventStore(),
    readStore: await orWithout('the read models', 'the streams are read instead', async () => {
      const readStore = await engines.readStore();
      await assertTables(readStore);
      return readStore;
    }),
    decks: { deck: (hash) => shelf.deck(hash), versions: () => shelf.versions() },
    ring: await engines.keyRing(),
    rawAt:
      (await orWithout('the message bus', 'the bytes are not looked at', async () => keptOnBus(await engines.bus()))) ??
      nothingKept,
    sourceNamed: (name) => sources.find((known) => known.name === name),
    onRead,
  };
}

const nothingKept = async (): Promise<undefined> => undefined;

/** What an explanation can do without is missed on stderr only. */
async function orWithout<Part>(what: string, so: string, open: () => Promise<Part>): Promise<Part | undefined> {
  try {
    return await open();
  } catch (error) {
    console.error(`tollkeeper: without ${what}, so ${so}: ${(error as Error).message}`);
    return undefined;
  }
}

function sourcesOf(file: string | undefined): readonly SourceSettings[] {
  if (!file) return [];
  try {
    const parsed = parseSources(JSON.parse(readFileSync(file, 'utf8')));
    if ('sources' in parsed) return parsed.sources;
    throw new Error(parsed.faults.map(({ path, message }) => `${path} ${message}`).join('; '));
  } catch (error) {
    console.error(`tollkeeper: the settings of sources in ${file} cannot be read: ${(error as Error).message}`);
    return [];
  }
}
