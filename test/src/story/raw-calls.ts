// Story tests, what happened: three months of calls of one tenant as its switch reports them, from a seed. Some come late, some twice,
// some were never answered, and some go where no price leads.

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export const ZOE = 'zoe@acme.example';
const MAX = 'max@acme.example';

export type RawCall = {
  readonly id: string;
  readonly called: string;
  readonly calling: string;
  readonly user: string;
  readonly displayName: string;
  /** Null: never answered. */
  readonly answeredMs: number | null;
  readonly setupMs: number;
  readonly usageMs: number;
};

export type RawDay = {
  /** When the switch sends them, and the ledger takes them down. */
  readonly atMs: number;
  readonly calls: readonly RawCall[];
  /** Ids of calls of former days that are sent once more. */
  readonly again: readonly string[];
};

const NUMBERS = ['+33123456789', '+33198765432', '+447400123456', '+447400654321', '+4930123456', '+4989654321'] as const;
const UNPRICED = '+81312345678';

export function rawDays(seed: number): readonly RawDay[] {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const days: RawDay[] = [];
  const sent: string[] = [];
  for (
    let atMs = Date.parse('2026-01-06T18:00:00Z');
    atMs < Date.parse('2026-03-31T00:00:00Z');
    atMs += (1 + below(4)) * DAY_MS
  ) {
    const calls = Array.from({ length: 3 + below(5) }, (): RawCall => {
      const lateDays = below(8) === 0 ? 1 + below(20) : 0;
      const usageMs = 1 + below(15 * MINUTE_MS);
      const setupMs = atMs - lateDays * DAY_MS - 16 * MINUTE_MS - below(600) * MINUTE_MS;
      const isAnswered = below(15) !== 0;
      const isZoe = below(3) === 0;
      return {
        id: `cdr-${days.length}-${below(1_000_000)}`,
        called: below(16) === 0 ? UNPRICED : (NUMBERS[below(NUMBERS.length)] as string),
        calling: '+33144000000',
        user: isZoe ? ZOE : MAX,
        displayName: isZoe ? 'Zoé "Z" Martin' : '=Max; Meier',
        answeredMs: isAnswered ? setupMs + 4_000 : null,
        setupMs,
        usageMs: isAnswered ? usageMs : 0,
      };
    });
    days.push({ atMs, calls, again: sent.length > 0 && below(3) === 0 ? [sent[below(sent.length)] as string] : [] });
    sent.push(...calls.map(({ id }) => id));
  }
  return days;
}

/** As the canonical format has it. */
export function cdrOf({ id, called, calling, user, displayName, answeredMs, setupMs, usageMs }: RawCall): object {
  return {
    id,
    tenant: 'acme',
    calledNumber: called,
    callingNumber: calling,
    userPrincipalName: user,
    userDisplayName: displayName,
    setupTime: new Date(setupMs).toISOString(),
    ...(answeredMs === null ? {} : { answerTime: new Date(answeredMs).toISOString() }),
    endTime: new Date((answeredMs ?? setupMs) + usageMs).toISOString(),
    usageMs,
    callId: `call-of-${id}`,
  };
}

/** Mulberry32: the same numbers from the same seed, everywhere. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
