// Crash test's supervisor: programs come in; each runs as a process of its own and is started again whenever it ends, as an
// orchestrator does, now and then with a failpoint armed.

import { setTimeout as delay } from 'node:timers/promises';
import { spawnProgram, type Exit, type Program, type ProgramName } from '../stage/programs.js';

export type Instance = {
  readonly id: string;
  readonly program: ProgramName;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly port: number;
  readonly logFile: string;
};

export type SupervisorWatch = {
  /** A process that died at the failpoint it was armed with. */
  onFailpoint(instance: Instance, failpoint: string): void;
  /** A process that ended and was not killed by the test. */
  onEnd(instance: Instance, exit: Exit, tail: string): void;
};

const RESTART_AFTER_MS = 250;
/** Beyond what a program promises to take for stopping. */
const STOP_WITHIN_MS = 15_000;

/** Keeps one instance running. */
export class Supervised {
  #current: Program | undefined;
  #armed: string | undefined;
  /** Each of the next processes is armed with one of them. */
  readonly #waiting: string[] = [];
  #isKilled = false;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    readonly instance: Instance,
    private readonly watch: SupervisorWatch,
  ) {}

  start(): void {
    this.#running = this.#keepRunning();
  }

  /** Until its processes have died at every failpoint that it was armed with. */
  get isArmed(): boolean {
    return this.#armed !== undefined || this.#waiting.length > 0;
  }

  /** The next process dies there; `NAME:N` at the Nth pass. */
  arm(failpoint: string): void {
    this.#waiting.push(failpoint);
  }

  /** False when there was nothing to kill. */
  async kill(): Promise<boolean> {
    const program = this.#current;
    if (program === undefined || program.hasExited()) return false;
    this.#isKilled = true;
    await program.kill('SIGKILL');
    return true;
  }

  /** Resolves with how the last process ended after SIGTERM. */
  async stop(): Promise<Exit | undefined> {
    this.#isStopping = true;
    const program = this.#current;
    if (program === undefined) return undefined;
    const late = setTimeout(() => void program.kill('SIGKILL'), STOP_WITHIN_MS);
    const exit = await program.kill('SIGTERM');
    clearTimeout(late);
    await this.#running;
    return exit;
  }

  /** A process that dies before it is ready is followed by another one. */
  async waitReady(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const program = this.#current;
      try {
        if (program !== undefined) return await program.waitReady(Math.max(1, until - Date.now()));
      } catch (error) {
        if (program?.hasExited() !== true || Date.now() > until) throw error;
      }
      await delay(RESTART_AFTER_MS);
    }
  }

  async #keepRunning(): Promise<void> {
    while (!this.#isStopping) {
      const { program: name, env, args = [], port, logFile } = this.instance;
      this.#armed = this.#waiting.shift();
      this.#isKilled = false;
      const armed: Record<string, string> = this.#armed === undefined ? {} : { FAILPOINT: this.#armed };
      const program = spawnProgram(name, { env: { ...env, ...armed }, args, port, logFile });
      this.#current = program;
      const exit = await program.exited;
      this.#current = undefined;
      if (this.#isStopping) return;
      this.#report(exit, program);
      await delay(RESTART_AFTER_MS);
    }
  }

  #report(exit: Exit, program: Program): void {
    const failpoint = this.#armed;
    this.#armed = undefined;
    if (this.#isKilled) {
      // Killed on the way to its failpoint: a later process is sent there again.
      if (failpoint !== undefined) this.arm(failpoint);
    } else if (failpoint !== undefined && exit.signal === 'SIGKILL') {
      this.watch.onFailpoint(this.instance, failpoint);
    } else {
      if (failpoint !== undefined) this.arm(failpoint);
      this.watch.onEnd(this.instance, exit, program.tail());
    }
  }
}
