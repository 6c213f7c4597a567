// Crash test's executioner: programs, failpoints and engines come in; kills at random instants go out, each kind at least once.

import { setTimeout as delay } from 'node:timers/promises';
import type { ProgramName } from '../stage/programs.js';
import type { EngineName, KillableEngine } from './engines.js';
import type { Random } from './random.js';
import type { Instance, Supervised } from './supervisor.js';

/** Where a death hurts most: between a write and the note that it was done. */
export const FAILPOINTS: readonly { readonly program: ProgramName; readonly name: string }[] = [
  { program: 'rating', name: 'rating.before-append' },
  { program: 'rating', name: 'rating.after-append' },
  { program: 'rating', name: 'rating.before-commit' },
  { program: 'projections', name: 'projections.before-commit' },
  { program: 'projections', name: 'projections.after-commit' },
  { program: 'projections', name: 'projections.after-publish' },
  { program: 'projections', name: 'projections.after-alerts' },
  { program: 'payments', name: 'payments.after-attempt-append' },
  { program: 'payments', name: 'payments.after-gateway' },
  { program: 'payments', name: 'payments.after-outcome-append' },
  { program: 'api', name: 'api.after-append' },
];
const PROGRAMS: readonly ProgramName[] = ['rating', 'projections', 'payments', 'api', 'simulator'];
const MAX_PASS = 5;
const PAUSE_MS = { least: 500, most: 3_000 };
/** An engine that stays away makes everybody wait; one that comes back at once hardly hurts. */
const ENGINE_AWAY_MS = { least: 300, most: 4_000 };
/** A failpoint that nobody passes for so long is left armed, and the next kill follows. */
const FAILPOINT_WITHIN_MS = 15_000;

type Kill =
  | { readonly kind: 'program'; readonly program: ProgramName }
  | { readonly kind: 'failpoint'; readonly program: ProgramName; readonly name: string }
  | { readonly kind: 'engine'; readonly engine: KillableEngine };

export class Kills {
  readonly counts = new Map<ProgramName | EngineName, number>();
  readonly #failpointsLeft: { readonly program: ProgramName; readonly name: string }[];

  constructor(
    private readonly supervised: readonly Supervised[],
    private readonly engines: readonly KillableEngine[],
    private readonly random: Random,
    private readonly note: (text: string) => void,
  ) {
    this.#failpointsLeft = random.shuffled(FAILPOINTS);
  }

  get done(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Before the first start: every program's first process dies at one of its failpoints, whenever it comes there. */
  armAll(): void {
    for (const one of this.supervised) {
      const at = this.#failpointsLeft.findIndex(({ program }) => program === one.instance.program);
      const [failpoint] = at === -1 ? [] : this.#failpointsLeft.splice(at, 1);
      if (failpoint !== undefined) one.arm(this.#somePass(failpoint.name));
    }
  }

  /** Told by the supervisor when a process died where it was armed to. */
  onFailpoint(instance: Instance, failpoint: string): void {
    this.#count(instance.program, `${instance.id} at ${failpoint}`);
  }

  /** Every engine, failpoint and program at least once, in random order, then whatever comes. */
  async run(kills: number): Promise<void> {
    const { random } = this;
    const atFailpoints = this.#failpointsLeft.map((failpoint): Kill => ({ kind: 'failpoint', ...failpoint }));
    const ofEngines = this.engines.map((engine): Kill => ({ kind: 'engine', engine }));
    const ofPrograms = PROGRAMS.map((program): Kill => ({ kind: 'program', program }));
    const once = random.shuffled([
      ...atFailpoints,
      ...ofEngines,
      ...(atFailpoints.length > 0 ? ofPrograms.slice(-1) : ofPrograms),
    ]);
    while (this.done < kills) {
      await delay(random.between(PAUSE_MS.least, PAUSE_MS.most));
      await this.#execute(once.pop() ?? random.pick([...ofEngines, ...ofPrograms, ...ofPrograms]));
    }
  }

  async #execute(kill: Kill): Promise<void> {
    if (kill.kind === 'engine') return this.#killEngine(kill.engine);
    const chosen = this.random.pick(this.supervised.filter(({ instance }) => instance.program === kill.program));
    if (kill.kind === 'failpoint') chosen.arm(this.#somePass(kill.name));
    while (!(await chosen.kill())) await delay(50);
    this.#count(kill.program, chosen.instance.id);
    if (kill.kind === 'program') return;
    const until = Date.now() + FAILPOINT_WITHIN_MS;
    while (chosen.isArmed && Date.now() < until) await delay(50);
  }

  async #killEngine(engine: KillableEngine): Promise<void> {
    await engine.kill();
    this.#count(engine.name, engine.name);
    await delay(this.random.between(ENGINE_AWAY_MS.least, ENGINE_AWAY_MS.most));
    await engine.start();
    this.note(`${engine.name} is back`);
  }

  #somePass(name: string): string {
    return `${name}:${this.random.between(1, MAX_PASS)}`;
  }

  #count(what: ProgramName | EngineName, text: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    this.note(`kill ${this.done}: ${text}`);
  }
}
