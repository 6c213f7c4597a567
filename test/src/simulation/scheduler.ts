// Simulation's scheduler: every call that a process makes to the outside comes in and waits; one after another, by the dice, is let
// through, fails, or is the last one its process ever makes. What is in memory dies with the process; a new one begins.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Random } from '../crash/random.js';

/** What becomes of a call. `late`: its answer is lost now, and what it writes is written some time later. */
export type Fate = 'done' | 'lost-before' | 'lost-after' | 'late';

type Call = {
  readonly process: SimulatedProcess;
  readonly fates: readonly Fate[];
  release(fate: Fate): void;
  abandon(error: Error): void;
};

/** One life of a program. Once it is dead its calls do not return before the simulation ends. */
export class SimulatedProcess {
  isDead = false;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
  ) {}

  /** Waits for its turn; `fates` are the troubles that this call may meet besides. */
  call(...fates: readonly Fate[]): Promise<Fate> {
    return this.scheduler.wait(this, fates);
  }

  /** A turn of something that is under way on the network, whether or not the process lives on. */
  delivery(): Promise<unknown> {
    return this.scheduler.pause();
  }

  /** Work of its own, beside what it was started with. */
  run(work: Promise<void>): void {
    work.catch((error: unknown) => this.scheduler.fail(this, error));
  }
}

export type Risks = { readonly crash: number; readonly fault: number };

/** Turns of the event loop in which everything that does not wait for a call or a timer comes to rest. */
const TURNS_TO_REST = 3;
const TIMER_WAIT_MS = 1;

export class Scheduler {
  crashes = 0;
  faults = 0;
  readonly #waiting: Call[] = [];
  /** How each living process is begun again. */
  readonly #lives = new Map<SimulatedProcess, () => void>();
  readonly #failures: unknown[] = [];
  /** Calls of the dead. */
  readonly #held: Call[] = [];
  #isOver = false;
  readonly #clock = new SimulatedProcess('clock', this);

  constructor(private readonly random: Random) {}

  /** Runs it, and again whenever it dies. It ends by itself only if it has nothing more to do. */
  start(name: string, program: (process: SimulatedProcess) => Promise<void>): void {
    const process = new SimulatedProcess(name, this);
    process.run(program(process));
    this.#lives.set(process, () => this.start(name, program));
  }

  wait(process: SimulatedProcess, fates: readonly Fate[]): Promise<Fate> {
    return new Promise((release, abandon) => {
      const call = { process, fates, release, abandon };
      if (this.#isOver) abandon(over());
      else (process.isDead ? this.#held : this.#waiting).push(call);
    });
  }

  /** A process that ends with an error of its own is wrong; the dead and those at the end only stop. */
  fail(process: SimulatedProcess, error: unknown): void {
    if (!process.isDead && !this.#isOver) this.#failures.push(error);
  }

  /** Nobody waits any longer, so that what was begun is tidied up: timers of the workers would keep this process alive. */
  end(): void {
    this.#isOver = true;
    for (const call of [...this.#waiting.splice(0), ...this.#held.splice(0)]) call.abandon(over());
  }

  /** A pause that somebody makes; it ends when its turn comes. */
  pause(): Promise<unknown> {
    return this.wait(this.#clock, []);
  }

  /** Lets through one call after another until `isOver` says so; it is asked after every 100. */
  async run(risks: Risks, isOver: (steps: number) => boolean | Promise<boolean>): Promise<void> {
    for (let steps = 0; steps % 100 !== 0 || !(await isOver(steps));) {
      for (let turn = 0; turn < TURNS_TO_REST; turn += 1) await nextTurn();
      if (this.#failures.length > 0) throw this.#failures[0];
      if (this.#waiting.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, TIMER_WAIT_MS));
        continue;
      }
      steps += 1;
      this.#step(risks);
    }
  }

  #step(risks: Risks): void {
    const { random } = this;
    const [call] = this.#waiting.splice(random.below(this.#waiting.length), 1);
    if (call === undefined) return;
    if (call.process !== this.#clock && random.chance(risks.crash)) return this.#crash(call.process);
    const isFaulty = call.fates.length > 0 && random.chance(risks.fault);
    if (isFaulty) this.faults += 1;
    call.release(isFaulty ? random.pick(call.fates) : 'done');
  }

  #crash(process: SimulatedProcess): void {
    this.crashes += 1;
    process.isDead = true;
    this.#held.push(...this.#waiting.filter((call) => call.process === process));
    this.#waiting.splice(0, Infinity, ...this.#waiting.filter((call) => call.process !== process));
    this.#lives.get(process)?.();
    this.#lives.delete(process);
  }
}

function over(): Error {
  return new Error('the simulation is over');
}
