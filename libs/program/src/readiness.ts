// Around the work of every program: what works and what does not comes in; whether to send it work goes out.

export type CheckState = { readonly ok: boolean; readonly reason: string };

export type ReadinessSnapshot = {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, CheckState>>;
};

/** Ready when every named check is; each is 'starting' until first set. */
export class Readiness {
  readonly #checks = new Map<string, CheckState>();

  constructor(names: readonly string[]) {
    for (const name of names) this.set(name, false, 'starting');
  }

  /** Answers whether the check has changed sides, so that the caller logs it once. */
  set(name: string, ok: boolean, reason = ''): boolean {
    const changed = this.#checks.get(name)?.ok !== ok;
    this.#checks.set(name, { ok, reason });
    return changed;
  }

  snapshot(): ReadinessSnapshot {
    return {
      ok: [...this.#checks.values()].every(({ ok }) => ok),
      checks: Object.fromEntries(this.#checks),
    };
  }
}
