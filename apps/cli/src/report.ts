// `tollkeeper report`: a tenant and a period in, its usage report out, to a file or to standard output, as it is read.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertTables } from '@tollkeeper/read-models';
import { COLUMNS, csvOf, reportGap, usageReport, xlsxOf, type Cells, type GapParts } from '@tollkeeper/usage-report';
import { assertNoTerminal, assertPeriod } from './command-parts.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { LedgerAccount } from './ledger-account.js';
import { printJson, Progress } from './output.js';
import { bytesToStdout, intoFile } from './text-out.js';

export type Month = { readonly fromMs: number; readonly toMs: number };

type Format = 'csv' | 'xlsx';

export type ReportOptions = {
  readonly tenant: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly month?: Month;
  /** By default csv. */
  readonly format?: Format;
  readonly out?: string;
  readonly country?: string;
  readonly json?: boolean;
};

export async function report(options: ReportOptions, engines: Engines): Promise<void> {
  const { tenant, format = 'csv', out, json } = options;
  const period = periodOf(options);
  if (out === undefined && json === true && options.format !== undefined)
    throw new CommandError(
      '--json prints the calls as JSON, and --format is of a file: name it with --out, or leave one of both',
    );
  assertNoTerminal(format, out);
  const readStore = await engines.readStore();
  const country = options.country ?? (await countryOf(tenant, engines));
  // Before the first byte, which would stand in a file or a pipe as if rows followed.
  await assertTables(readStore);
  await refuseGaps(tenant, { eventStore: await engines.eventStore(), readStore });
  const counted = new CountedPages(usageReport({ readStore, ring: await engines.keyRing(), country }, { tenant, ...period }));
  if (out !== undefined) await intoFile(out, (file) => pipeline(fileOf(counted.pages(), format), createWriteStream(file)));
  else await bytesToStdout(json === true ? Readable.from(jsonOf(counted.pages())) : fileOf(counted.pages(), format));
  if (out === undefined) return;
  const [from, to] = [period.fromMs, period.toMs].map((ms) => new Date(ms).toISOString());
  if (json === true) printJson({ tenant, from, to, format, out, calls: counted.calls });
  else console.log(`${counted.calls} calls of ${tenant} answered from ${from} on and before ${to} stand in ${out}`);
}

function periodOf({ fromMs, toMs, month }: ReportOptions): Month {
  if (month !== undefined) return month;
  if (fromMs === undefined || toMs === undefined) throw new CommandError('name the period: --from and --to, or --month');
  assertPeriod({ fromMs, toMs });
  return { fromMs, toMs };
}

async function countryOf(tenant: string, engines: Engines): Promise<string | null> {
  const account = await LedgerAccount.open(tenant, engines);
  const country = await account.query(({ terms }) => terms.country);
  if (country === null) {
    console.error(
      `tollkeeper: the terms of ${tenant} name no country, so no number is masked; tollkeeper terms set --country sets it`,
    );
  }
  return country;
}

/** @throws CommandError for a report that would lack calls, which would be taken for what was spent. */
async function refuseGaps(tenant: string, parts: GapParts): Promise<void> {
  const gap = await reportGap(parts, tenant);
  if (gap === undefined) return;
  const todo = {
    'no-account': 'open one first',
    behind: 'see whether projections, or the server of the folder, is running, then ask again',
    'set-aside': 'tollkeeper rebuild calls builds it anew; then ask again',
  } as const;
  throw new CommandError(
    `nothing is reported, since calls would be missing. ${gap.says} What to do: ${todo[gap.kind]}`,
    EXIT.found,
  );
}

class CountedPages {
  calls = 0;

  constructor(private readonly source: AsyncIterable<readonly Cells[]>) {}

  async *pages(): AsyncIterable<readonly Cells[]> {
    const progress = new Progress('calls reported');
    for await (const page of this.source) {
      this.calls += page.length;
      progress.add(page.length);
      yield page;
    }
    progress.end();
  }
}

function fileOf(pages: AsyncIterable<readonly Cells[]>, format: Format): Readable {
  return format === 'xlsx' ? xlsxOf(pages) : Readable.from(csvOf(pages));
}

/** An array of objects by column, a line each. */
async function* jsonOf(pages: AsyncIterable<readonly Cells[]>): AsyncIterable<string> {
  let before = '[\n';
  for await (const page of pages) {
    let chunk = '';
    for (const cells of page) {
      chunk += `${before}${JSON.stringify(Object.fromEntries(COLUMNS.map((name, at) => [name, cells[at]])))}`;
      before = ',\n';
    }
    yield chunk;
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}
