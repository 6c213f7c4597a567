// Stage, the command line: arguments in, the program run on a folder as a person would, what it printed out.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Told = Readonly<Record<string, unknown>>;

/** Each fails unless the command ends well. */
export type Tollkeeper = {
  text(...args: readonly string[]): Promise<string>;
  json(...args: readonly string[]): Promise<Told>;
  list(...args: readonly string[]): Promise<readonly Told[]>;
  /** Of what prints one JSON text a line. */
  lines(...args: readonly string[]): Promise<readonly Told[]>;
  /** By the names of the header. */
  csv(...args: readonly string[]): Promise<readonly Readonly<Record<string, string>>[]>;
};

const PROGRAM = fileURLToPath(new URL('../../../apps/cli/bin/tollkeeper.js', import.meta.url));
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const WITHIN_MS = 60_000;

export function tollkeeperOn(folder: string): Tollkeeper {
  const text: Tollkeeper['text'] = (...args) =>
    new Promise((resolve, reject) => {
      const options = { maxBuffer: MAX_OUTPUT_BYTES, timeout: WITHIN_MS, encoding: 'utf8' as const };
      execFile(process.execPath, [PROGRAM, ...args, '--data', folder], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`tollkeeper ${args.join(' ')} ended with ${String(error.code)}: ${stderr}\n${stdout}`));
      });
    });
  const parsed = async (...args: readonly string[]): Promise<unknown> => JSON.parse(await text(...args, '--json'));
  return {
    text,
    json: (...args) => parsed(...args) as Promise<Told>,
    list: (...args) => parsed(...args) as Promise<readonly Told[]>,
    async lines(...args) {
      const printed = await text(...args);
      return printed
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Told);
    },
    csv: async (...args) => csvIn((await text(...args)).replace('\ufeff', '')),
  };
}

/** Quoted cells, doubled quotes. */
function csvIn(text: string): readonly Readonly<Record<string, string>>[] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of cells) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  const [header = [], ...records] = rows.slice(0, -1);
  return records.map((record) => Object.fromEntries(header.map((name, at) => [name, record[at] ?? ''])));
}
