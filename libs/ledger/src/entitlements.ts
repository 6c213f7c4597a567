// The waterfall's people: which licences a user holds, how many of each the tenant has, and what may be dialled, at an instant.
//
// Both are effective-dated: an assignment holds from its instant until the user's next one, so that a late CDR is judged by what
// stood at its answer. Users are known by pseudonyms; who they are is sealed.

import { SlicedMap } from './sliced-map.js';

/** Minutes are per licence and calendar month (design 8.2); US and CA have more of the domestic ones. */
export const LICENCES = {
  /** Lets a user draw on the balance. */
  'communications-credits': {},
  'calling-plan-120': { domesticMinutes: 120 },
  'calling-plan-240': { domesticMinutes: 240 },
  'calling-plan-domestic': { domesticMinutes: 1200, domesticMinutesUsCa: 3000 },
  'calling-plan-international': { domesticMinutes: 1200, domesticMinutesUsCa: 3000, internationalMinutes: 600 },
  /** Everything from the balance, without included minutes. */
  'pay-as-you-go': {},
  'audio-conferencing': { conferencingMinutes: 60 },
  /** Conference dial-out to the United States and Canada without limit. */
  'extended-dial-out': {},
  /** Draws on the balance without a Communications Credits licence, as the next one does. */
  'pay-per-minute-conferencing': {},
  /** An auto attendant or a call queue. */
  'resource-account': {},
} as const satisfies Readonly<Record<string, LicenceTerms>>;
export type Licence = keyof typeof LICENCES;

type LicenceTerms = {
  readonly domesticMinutes?: number;
  readonly domesticMinutesUsCa?: number;
  readonly internationalMinutes?: number;
  readonly conferencingMinutes?: number;
};

export function isLicence(name: string): name is Licence {
  return Object.hasOwn(LICENCES, name);
}

export function licenceTerms(licence: Licence): LicenceTerms {
  return LICENCES[licence];
}

/** What may be dialled; emergency numbers always. */
export const DIAL_OUT_POLICIES = ['any', 'same-country', 'zone-a', 'none'] as const;
export type DialOutPolicy = (typeof DIAL_OUT_POLICIES)[number];

/** From an instant until the user's next assignment; none of them is what a user holds who has left. */
export type Assignment = { readonly fromMs: number; readonly country: string; readonly licences: readonly Licence[] };
type PolicyFrom = { readonly fromMs: number; readonly policy: DialOutPolicy };
/** One more or one less of a licence in a country, from an instant on. */
type CountStep = { readonly atMs: number; readonly by: number };

export type Entitlements = {
  /** Pseudonym → assignments in order of `fromMs`. */
  readonly users: SlicedMap<readonly Assignment[]>;
  /** Licence and country → steps in order of `atMs`. */
  readonly counts: ReadonlyMap<string, readonly CountStep[]>;
  /** Pseudonym, or empty for the tenant → policies in order of `fromMs`. */
  readonly policies: SlicedMap<readonly PolicyFrom[]>;
};

export const TENANT_POLICY = '';

export const NO_ENTITLEMENTS: Entitlements = {
  users: SlicedMap.empty(),
  counts: new Map(),
  policies: SlicedMap.empty(),
};

/** Whom a call is judged by: the first of the pseudonyms that the account knows. */
export function userAmong({ users }: Entitlements, candidates: readonly string[]): string | undefined {
  return candidates.find((user) => users.get(user) !== undefined);
}

/** What the user holds at the instant; undefined before the first assignment and for whom the account does not know. */
export function assignmentAt({ users }: Entitlements, user: string, atMs: number): Assignment | undefined {
  return users.get(user)?.findLast(({ fromMs }) => fromMs <= atMs);
}

/** Licences of one kind assigned at the instant, in a country or, without one, everywhere. Three users and one gone → 2. */
export function licencesAssignedAt({ counts }: Entitlements, licence: Licence, country: string | null, atMs: number): number {
  let sum = 0;
  for (const { atMs: from, by } of counts.get(countKey(licence, country)) ?? []) {
    if (from > atMs) break;
    sum += by;
  }
  return sum;
}

/**
 * The user's own policy, else the tenant's, else anything.
 * @param users pseudonyms that the user may be known by; a policy holds for users without licences as well.
 */
export function policyAt({ policies }: Entitlements, users: readonly string[], atMs: number): DialOutPolicy {
  const user = users.find((candidate) => policies.get(candidate) !== undefined);
  const own = user === undefined ? undefined : policies.get(user)?.findLast(({ fromMs }) => fromMs <= atMs);
  return (own ?? policies.get(TENANT_POLICY)?.findLast(({ fromMs }) => fromMs <= atMs))?.policy ?? 'any';
}

export function withPolicy(entitlements: Entitlements, user: string, policy: PolicyFrom): Entitlements {
  const before = entitlements.policies.get(user) ?? [];
  return { ...entitlements, policies: entitlements.policies.with(user, placed(before, policy)) };
}

export function withAssignment(entitlements: Entitlements, user: string, assignment: Assignment): Entitlements {
  const before = entitlements.users.get(user) ?? [];
  const after = placed(before, assignment);
  const counts = new Map(entitlements.counts);
  for (const { key, atMs, by } of [...stepsOf(before, -1), ...stepsOf(after, 1)]) {
    counts.set(key, stepped(counts.get(key) ?? [], { atMs, by }));
  }
  return { ...entitlements, users: entitlements.users.with(user, after), counts };
}

/** Instead of what began at the same instant. */
function placed<Item extends { readonly fromMs: number }>(items: readonly Item[], item: Item): readonly Item[] {
  const others = items.filter(({ fromMs }) => fromMs !== item.fromMs);
  return [...others, item].toSorted((left, right) => left.fromMs - right.fromMs);
}

function stepsOf(assignments: readonly Assignment[], sign: 1 | -1): { key: string; atMs: number; by: number }[] {
  return assignments.flatMap(({ fromMs, country, licences }, at) => {
    const untilMs = assignments[at + 1]?.fromMs;
    return licences.flatMap((licence) =>
      [countKey(licence, country), countKey(licence, null)].flatMap((key) => [
        { key, atMs: fromMs, by: sign },
        ...(untilMs === undefined ? [] : [{ key, atMs: untilMs, by: -sign }]),
      ]),
    );
  });
}

function stepped(steps: readonly CountStep[], { atMs, by }: CountStep): readonly CountStep[] {
  const at = steps.findIndex((step) => step.atMs >= atMs);
  const same = at === -1 ? undefined : steps[at];
  if (same?.atMs !== atMs) return steps.toSpliced(at === -1 ? steps.length : at, 0, { atMs, by });
  return same.by + by === 0 ? steps.toSpliced(at, 1) : steps.with(at, { atMs, by: same.by + by });
}

function countKey(licence: Licence, country: string | null): string {
  return `${licence} ${country ?? '*'}`;
}
