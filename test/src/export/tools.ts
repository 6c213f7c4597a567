// Tests with other people's programs: accounting tools and a browser as this machine has them, or the reason for the name of a skipped suite.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's, or what `CHROMIUM` names. */
export const CHROMIUM = process.env['CHROMIUM'] || '/usr/bin/chromium';

/** Each with the programs of its Debian package that the tests call. */
const TOOLS = { hledger: ['hledger'], beancount: ['bean-check', 'bean-query'], Chromium: [CHROMIUM] } as const;
export type Tool = keyof typeof TOOLS;

export type FoundTool = { readonly name: string; readonly isThere: boolean };

/**
 * The name of the suite, which says so where the tool is missing. `REQUIRE_ENGINES=hledger,beancount` turns that into a failure.
 */
export function findTool(tool: Tool, env: NodeJS.ProcessEnv = process.env): FoundTool {
  const missing = TOOLS[tool].filter((program) => spawnSync(program, ['--version'], { env }).error !== undefined);
  if (missing.length === 0) return { name: tool, isThere: true };
  const asked = tool.toLowerCase();
  if (env['REQUIRE_ENGINES']?.split(',').includes(asked)) {
    throw new Error(
      `REQUIRE_ENGINES names ${asked}, but ${missing.join(' and ')} cannot be run. Install Debian's package ${asked}`,
    );
  }
  return { name: `${tool} (skipped: not installed)`, isThere: false };
}

export type Said = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs with the text as a file, which stands for FILE among the arguments. */
export function runOn(text: string, program: string, ...args: readonly string[]): Said {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-export-'));
  try {
    const file = join(folder, 'ledger.journal');
    writeFileSync(file, text);
    const { status, stdout, stderr } = spawnSync(
      program,
      args.map((arg) => (arg === 'FILE' ? file : arg)),
      { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
    );
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
