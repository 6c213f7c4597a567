// `tollkeeper export`: the ledger's postings in a format that other people's accounting tools read.

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { exportLedger, type ExportCounts, type ExportFormat } from '@tollkeeper/audit';
import { assertNoTerminal } from './command-parts.js';
import type { Engines } from './engines.js';
import { CommandError } from './exit.js';
import { printJson, Progress } from './output.js';
import { noAccount } from './statement.js';
import { bytesToStdout, intoFile, toStdout, writingTo } from './text-out.js';

export type ExportOptions = {
  readonly format: ExportFormat;
  readonly tenant?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly out?: string;
  readonly json?: boolean;
};

export async function exportPostings(options: ExportOptions, engines: Engines): Promise<void> {
  const { format, tenant, fromMs, toMs, out, json } = options;
  assertNoTerminal(format, out);
  if (out === undefined && json)
    throw new CommandError('--json tells what --out FILE holds; --format ndjson prints postings as JSON');
  const store = await engines.eventStore();
  if (tenant !== undefined && !(await hasStream(store, tenant))) throw noAccount(tenant);
  const progress = new Progress('events read');
  const period = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
  const query = { ...(tenant === undefined ? {} : { tenant }), ...period, onEvents: (count: number) => progress.add(count) };
  const counts = await exported();
  progress.end();
  if (out !== undefined) tell(counts, { format, out, json: json === true });

  function exported(): Promise<ExportCounts> {
    if (out === undefined) {
      return exportLedger(store, query, format === 'xlsx' ? { format, put: bytesToStdout } : { format, write: toStdout() });
    }
    return intoFile(out, (file) => {
      if (format === 'xlsx')
        return exportLedger(store, query, { format, put: (workbook) => pipeline(workbook, createWriteStream(file)) });
      return writingTo(file, (write) => exportLedger(store, query, { format, write }));
    });
  }
}

async function hasStream(store: Awaited<ReturnType<Engines['eventStore']>>, tenant: string): Promise<boolean> {
  const { streamOf } = await import('@tollkeeper/ledger');
  for await (const page of store.readStream(streamOf(tenant), { maxCount: 1 })) return page.length > 0;
  return false;
}

function tell(counts: ExportCounts, { format, out, json }: { format: ExportFormat; out: string; json: boolean }): void {
  if (json) printJson({ format, file: out, ...counts });
  else console.log(`${counts.postings} postings written to ${out}, tenants: ${counts.tenants}`);
}
