// Program start: command line and environment come in; settings go out, or the process ends having said why.
import { writeSync } from 'node:fs';
import type { SettingsClass } from './setting.js';
import { describeSettings, readSettings, settingsHelp } from './settings.js';
import type { Environment } from './settings.js';

const EXIT_FAULTY_SETTINGS = 2;
const STDOUT = 1;
const STDERR = 2;

export type ProgramStart<T> = {
  /** As it is called: the first word of every message. */
  readonly program: string;
  readonly description?: string;
  /** Faults that show only when settings are seen together; also run by `--check-config`. */
  readonly checkConfig?: (settings: T) => readonly string[];
  readonly args?: readonly string[];
  readonly env?: Environment;
};

/** Returns only with settings that are whole. `--help` and `--check-config` print and exit 0; faults are printed, exit 2. */
export function settingsOrExit<T extends object>(Class: SettingsClass<T>, start: ProgramStart<T>): T {
  const { program, args = process.argv.slice(2), env = process.env } = start;
  if (args.includes('--help')) return printAndExit(helpOf(Class, start), 0);

  const outcome = readSettings(Class, env);
  const unknownArgs = args.filter((arg) => arg !== '--check-config').map((arg) => `unknown argument ${arg}; see --help`);
  const faults = [...unknownArgs, ...(outcome.faults ?? start.checkConfig?.(outcome.settings) ?? [])];
  if (faults.length > 0 || !outcome.settings) {
    const heading = `${program}: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in the settings`;
    return printAndExit([heading, ...faults.map((fault) => `  ${fault}`)], EXIT_FAULTY_SETTINGS);
  }
  if (!args.includes('--check-config')) return outcome.settings;
  return printAndExit([`${program}: the settings are complete`, ...describeSettings(Class, env).map((line) => `  ${line}`)], 0);
}

function helpOf<T extends object>(Class: SettingsClass<T>, { program, description }: ProgramStart<T>): readonly string[] {
  return [
    `${program}${description === undefined ? '' : `: ${description}`}`,
    `Usage: ${program} [--check-config] [--help]`,
    '  --check-config  checks the settings, prints them (secrets masked) and exits',
    'Settings are environment variables:',
    ...settingsHelp(Class),
  ];
}

/** Written synchronously: `process.exit` does not wait for a pipe. */
function printAndExit(lines: readonly string[], exitCode: number): never {
  writeSync(exitCode === 0 ? STDOUT : STDERR, `${lines.join('\n')}\n`);
  process.exit(exitCode);
}
