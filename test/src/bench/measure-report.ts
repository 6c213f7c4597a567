// Bench, the usage report → rows a second and the memory that it takes, as CSV and as a workbook.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runApart } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';
import type { ReportResult, ReportTask } from './usage-report.js';

const ROWS_PER_SECOND = 20_000;
const GROWN_BELOW_MIB = 200;

export async function measureReport(parent: string, { reported: calls }: Sizes): Promise<readonly Figure[]> {
  const folder = join(parent, 'report');
  mkdirSync(folder);
  const run = (what: ReportTask['what']): Promise<ReportResult> => {
    progress(`usage report, ${what}: ${calls}`);
    return runApart<ReportResult>('usage-report.js', { what, folder, calls } satisfies ReportTask);
  };
  await run('fill');
  const [csv, xlsx] = [await run('csv'), await run('xlsx')];
  return [...figuresOf('U1', 'CSV', csv, calls, true), ...figuresOf('U2', 'a workbook', xlsx, calls, false)];
}

function figuresOf(id: string, form: string, result: ReportResult, calls: number, hasAim: boolean): readonly Figure[] {
  const what = `usage report of ${calls.toLocaleString('en')} calls as ${form}`;
  return [
    {
      id,
      what,
      value: result.perSecond,
      unit: 'calls/s',
      ...(hasAim ? { aim: { least: ROWS_PER_SECOND } } : {}),
      remark: `${((result.cpuMs * 1_000) / calls).toFixed(0)} µs of CPU a call`,
    },
    {
      id: `${id} memory`,
      what: 'by how much memory grows',
      value: result.grownMiB,
      unit: 'MiB',
      aim: { below: GROWN_BELOW_MIB },
    },
  ];
}
