// Tests of spreadsheets: the environment comes in; the path of a LibreOffice to open them with goes out, or the reason why there is none.

import { spawnSync } from 'node:child_process';

export type FoundLibreOffice = { readonly command: string } | { readonly command: undefined; readonly reason: string };

const COMMANDS = ['soffice', 'libreoffice'];

/** `REQUIRE_ENGINES=libreoffice` turns its absence into a failure. */
export function findLibreOffice(env: NodeJS.ProcessEnv = process.env): FoundLibreOffice {
  const command = COMMANDS.find((name) => spawnSync(name, ['--version'], { env }).status === 0);
  if (command !== undefined) return { command };
  if (env['REQUIRE_ENGINES']?.split(',').includes('libreoffice')) {
    throw new Error('REQUIRE_ENGINES names libreoffice, but it is not installed: apt-get install libreoffice-calc-nogui');
  }
  return { command: undefined, reason: 'not installed' };
}
