// Tests across processes: a program's name and environment come in; a running child process goes out.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { waitFor } from '@tollkeeper/testing';

export type ProgramName = 'rating' | 'projections' | 'payments' | 'notifications' | 'api' | 'simulator' | 'standalone';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type Program = {
  readonly name: ProgramName;
  readonly pid: number;
  /** Where /readyz and /metrics are served; the API and the simulator serve everything there. */
  readonly healthPort: number;
  readonly url: string;
  readonly logFile: string;
  /** By default SIGKILL, as in a crash. Resolves when the process has ended. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Everything the program has written, stdout and stderr. */
  logs(): string;
  /** The last lines, for a failure's message. */
  tail(): string;
  waitReady(timeoutMs?: number): Promise<void>;
};

const TAIL_LINES = 15;
const READY_WITHIN_MS = 40_000;

const FILES: Readonly<Record<ProgramName, string>> = {
  rating: 'apps/rating/dist/main.js',
  projections: 'apps/projections/dist/main.js',
  payments: 'apps/payments/dist/main.js',
  notifications: 'apps/notifications/dist/main.js',
  api: 'apps/api/dist/main.js',
  simulator: 'apps/payments/dist/simulator/main.js',
  standalone: 'apps/standalone/dist/main.js',
};

/** The workspace's root, from `test/dist/stage`. */
export const ROOT = new URL('../../../', import.meta.url).pathname;

export type SpawnOptions = {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly port: number;
  readonly logFile: string;
};

export function spawnProgram(name: ProgramName, { env, args = [], port, logFile }: SpawnOptions): Program {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [ROOT + FILES[name], ...args], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started: ${FILES[name]}`);
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const logs = (): string => readFileSync(logFile, 'utf8');
  const tail = (): string =>
    `--- ${name} (${pid}), last lines of ${logFile}\n${logs().trimEnd().split('\n').slice(-TAIL_LINES).join('\n')}`;
  // The simulator has no readiness of its own: it is ready once it answers.
  const readyPath = name === 'simulator' ? '/v1/payments' : '/readyz';
  return {
    name,
    pid,
    healthPort: port,
    url,
    logFile,
    exited,
    hasExited: () => exit !== undefined,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      return exited;
    },
    logs,
    tail,
    async waitReady(timeoutMs = READY_WITHIN_MS) {
      const answersOrEnded = async (): Promise<boolean> => exit !== undefined || (await fetch(url + readyPath)).ok;
      await waitFor(answersOrEnded, { timeoutMs, what: `${name} to be ready\n${tail()}` }).catch((error: Error) => {
        throw new Error(`${error.message}\n${tail()}`, { cause: error });
      });
      if (exit !== undefined) throw new Error(`${name} ended with ${exit.code ?? exit.signal} instead of being ready\n${tail()}`);
    },
  };
}
