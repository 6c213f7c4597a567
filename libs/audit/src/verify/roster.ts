// Who of a tenant holds which licence, as the stream has told it so far: assignments come in, effective-dated and by pseudonym; how many
// of each licence are held at an instant, in each country and everywhere, goes out.

/** From an instant until the user's next one. */
type Assignment = { readonly fromMs: number; readonly country: string; readonly licences: readonly string[] };
/** What is held from one instant, until before another: between two assignments nothing changes. */
type View = { readonly fromMs: number; readonly toMs: number; readonly held: ReadonlyMap<string, number> };

/** Calls come nearly in order of answer: few spans are asked for at a time. */
const MAX_VIEWS = 64;

export class Roster {
  readonly #users = new Map<string, readonly Assignment[]>();
  #views: View[] = [];

  /** What is told later of the same instant stands in place of what was told before. */
  assign(user: string, assignment: Assignment): void {
    const others = (this.#users.get(user) ?? []).filter(({ fromMs }) => fromMs !== assignment.fromMs);
    this.#users.set(
      user,
      [...others, assignment].toSorted((left, right) => left.fromMs - right.fromMs),
    );
    this.#views = [];
  }

  /** By licence, and by licence and country: `calling-plan-120` and `calling-plan-120 FR`. */
  heldAt(atMs: number): ReadonlyMap<string, number> {
    let view = this.#views.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    if (view === undefined) {
      this.#views.unshift((view = this.#viewAt(atMs)));
      this.#views.splice(MAX_VIEWS);
    }
    return view.held;
  }

  #viewAt(atMs: number): View {
    const held = new Map<string, number>();
    let [fromMs, toMs] = [-Infinity, Infinity];
    for (const assignments of this.#users.values()) {
      const current = assignments.findLast((assignment) => assignment.fromMs <= atMs);
      const next = assignments.find((assignment) => assignment.fromMs > atMs);
      if (next !== undefined) toMs = Math.min(toMs, next.fromMs);
      if (current === undefined) continue;
      fromMs = Math.max(fromMs, current.fromMs);
      for (const licence of current.licences) {
        for (const key of [licence, `${licence} ${current.country}`]) held.set(key, (held.get(key) ?? 0) + 1);
      }
    }
    return { fromMs, toMs, held };
  }
}
