// Story tests, the command line: arguments in, the program run on a folder as a person would, what it printed and its exit code out.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/tollkeeper.js', import.meta.url));
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const WITHIN_MS = 60_000;

export function tollkeeper(folder: string): (...args: readonly string[]) => Promise<Ran> {
  return (...args) =>
    new Promise((resolve) => {
      const options = { maxBuffer: MAX_OUTPUT_BYTES, timeout: WITHIN_MS, encoding: 'utf8' as const };
      execFile(process.execPath, [PROGRAM, ...args, '--data', folder], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      });
    });
}
