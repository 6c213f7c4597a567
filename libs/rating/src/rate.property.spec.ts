// Rate step against its oracle: random decks with tiers, windows, zones, weights, validity and caps, and calls at their edges,
// cost the same by the engine and by rate.oracle.ts, which shares no code with it.
import { describe, expect, test } from '@jest/globals';
import { costOf } from '@tollkeeper/charge';
import { decimalOf, microsOf } from '@tollkeeper/money';
import fc from 'fast-check';
import { contentOf, isDeckRejection, isRatingRejection, parseDeck, quote, rate, type Deck, type RatableCall } from './index.js';
import { oraclePrice, type OracleCall, type OracleRow } from './rate.oracle.js';

const DECKS = 5_000;
const CALLS_PER_DECK = 24;

const ZONES = ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'] as const;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** Around daylight saving of the zones above, a holiday, a leap day, month and year ends. */
const EDGES_MS = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-04T15:00:00Z',
  '2026-12-25T00:00:00Z',
  '2028-02-29T00:00:00Z',
  '2026-12-31T23:00:00Z',
].map((instant) => Date.parse(instant));

const prefix = fc.constantFrom('*', '4', '49', '491', '4915', '33');
const category = fc.constantFrom('*', '*', 'outbound', 'toll-free-inbound');
const currency = fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY');
const price = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 99_999 }))
  .map(([whole, part]) => `${whole}.${String(part).padStart(5, '0')}`);
const clock = fc.constantFrom('00:00:00', '02:00:00', '02:30:00', '08:00:00', '17:59:59', '23:00:00', '24:00:00');
const edge = fc.constantFrom(...EDGES_MS);
const tier = fc.record({
  tierStart: fc.integer({ min: 1, max: 600 }),
  rate: price,
  rateUnit: fc.constantFrom(1, 60, 7),
  increment: fc.constantFrom(1, 6, 30, 60, 61),
});

/** Rows of one window: a first tier and sometimes others. */
const window = fc.record({
  days: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([...DAYS], { minLength: 1 }) }),
  dates: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(['12-25', '2026-03-29', '02-29', '2026-12-31'], { minLength: 1 }) },
  ),
  hours: fc.oneof(
    { weight: 2, arbitrary: fc.constant(['00:00:00', '24:00:00']) },
    { weight: 1, arbitrary: fc.tuple(clock, clock) },
  ),
  timezone: fc.constantFrom(...ZONES),
  validity: fc.oneof(
    { weight: 3, arbitrary: fc.constant([null, null]) },
    { weight: 1, arbitrary: fc.tuple(fc.option(edge), fc.option(edge)) },
  ),
  connectFee: fc.oneof(fc.constant('0'), price),
  rounding: fc.constantFrom('up' as const, 'down' as const, 'half-up' as const),
  decimals: fc.integer({ min: 0, max: 6 }),
  cap: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        amount: fc.integer({ min: 0, max: 9 }).map(String),
        strategy: fc.constantFrom('free' as const, 'disconnect' as const),
      }),
    },
  ),
  first: tier,
  others: fc.array(tier, { maxLength: 2 }),
});

/** Weights rise from window to window, so that most decks are taken; overlaps of equal weight are tested elsewhere. */
const group = fc.record({ prefix, category, currency, windows: fc.array(window, { minLength: 1, maxLength: 3 }) });

type Group = typeof group extends fc.Arbitrary<infer G> ? G : never;

function rowsOf(groups: readonly Group[]): readonly OracleRow[] {
  const taken = new Set<string>();
  return groups.flatMap(({ windows, ...which }) => {
    const key = JSON.stringify(which);
    if (taken.has(key)) return [];
    taken.add(key);
    return windows.flatMap(({ hours, validity, cap, first, others, ...rest }, weight): OracleRow[] => {
      const [from = '', to = ''] = (hours as string[]).toSorted();
      const [one = null, other = null] = validity as readonly (number | null)[];
      const isTurned = one !== null && other !== null && one > other;
      const bounds = isTurned ? { validFrom: other, validTo: one } : { validFrom: one, validTo: other };
      const tiers = [{ ...first, tierStart: 0 }, ...others];
      const shared = {
        ...which,
        ...rest,
        ...bounds,
        from,
        to,
        weight,
        maxCost: cap?.amount ?? null,
        strategy: cap?.strategy ?? null,
      };
      return tiers.map((own) => ({ ...shared, ...own }));
    });
  });
}

const COLUMNS =
  'category,prefix,currency,connectFee,tierStart,rate,rateUnit,increment,days,dates,from,to,timezone,weight,validFrom,validTo,rounding,decimals,maxCost,maxCostStrategy';

function csvOf(rows: readonly OracleRow[]): string {
  const instant = (atMs: number | null): string => (atMs === null ? '' : new Date(atMs).toISOString());
  const lines = rows.map((row) =>
    [
      row.category,
      row.prefix,
      row.currency,
      row.connectFee,
      row.tierStart,
      row.rate,
      row.rateUnit,
      row.increment,
      row.days.length === 0 ? '*' : `"${row.days.join(',')}"`,
      row.dates.join('|'),
      row.from,
      row.to,
      row.timezone,
      row.weight,
      instant(row.validFrom),
      instant(row.validTo),
      row.rounding,
      row.decimals,
      row.maxCost ?? '',
      row.strategy ?? '',
    ].join(','),
  );
  return [COLUMNS, ...lines].join('\n');
}

const call = fc.record({
  category: fc.constantFrom('outbound', 'outbound', 'conference-dial-out', 'toll-free-inbound'),
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY'),
  called: fc.constantFrom('+4915112345678', '+49301234567', '+4412345678', '+3312345678', '+18005551234'),
  answerMs: fc
    .tuple(edge, fc.integer({ min: -7_200, max: 7_200 }), fc.constantFrom(0, 0, 1, 999))
    .map(([at, seconds, ms]) => at + seconds * 1000 + ms),
  usageMs: fc.oneof(
    fc.constantFrom(0, 1, 999, 1000, 1001, 59_999, 60_000, 60_001, 61_000),
    fc.integer({ min: 0, max: 900_000 }),
    fc.integer({ min: 0, max: 3_000 }).map((seconds) => seconds * 1000),
  ),
});

function ratable({ category: of, currency: inCurrency, called, answerMs, usageMs }: OracleCall): RatableCall {
  return { plan: 'default', currency: inCurrency, category: of, calledNumber: called, answerTimeMs: answerMs, usageMs };
}

function engine(deck: Deck, one: OracleCall): unknown {
  const rated = rate(ratable(one), deck);
  if (isRatingRejection(rated)) return { code: rated.code };
  return { amount: decimalOf(rated.amountMicros), billed: rated.billedUsageSeconds };
}

describe('the engine', () => {
  test(`rates ${DECKS * CALLS_PER_DECK} calls by ${DECKS} random decks as the oracle does`, () => {
    let read = 0;
    let priced = 0;
    const calls = fc.array(call, { minLength: CALLS_PER_DECK, maxLength: CALLS_PER_DECK });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 4 }).map(rowsOf), calls, (rows, some) => {
        const deck = parseDeck(csvOf(rows));
        // A window of no length, a tier that is leapt over or stands twice: refused, with its reason.
        if (isDeckRejection(deck))
          return expect(deck.faults[0]?.code).toMatch(/^(window-invalid|tier-never-begins|row-twice|tiers-disagree)$/);
        read += 1;
        for (const one of some) {
          const expected = oraclePrice(rows, one);
          if ('amount' in expected) priced += 1;
          expect({ one, ...(engine(deck, one) as object) }).toEqual({ one, ...expected });
        }
        return undefined;
      }),
      { numRuns: DECKS },
    );
    // The decks that are refused and the calls without a rate must not be all there is.
    expect(read).toBeGreaterThan(DECKS / 2);
    expect(priced).toBeGreaterThan((DECKS * CALLS_PER_DECK) / 10);
  });

  const decks = fc
    .array(group, { minLength: 1, maxLength: 2 })
    .map(rowsOf)
    .map((rows) => ({ rows, deck: parseDeck(csvOf(rows)) }));

  test('a deck written down and read back rates alike', () => {
    fc.assert(
      fc.property(decks, fc.array(call, { maxLength: 5 }), ({ deck }, calls) => {
        fc.pre(!isDeckRejection(deck));
        if (isDeckRejection(deck)) return;
        const again = parseDeck(contentOf(deck));
        if (isDeckRejection(again)) throw new Error(again.reason);
        expect(again.hash).toBe(deck.hash);
        for (const one of calls) expect(engine(again, one)).toEqual(engine(deck, one));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a call split where an increment ends costs the same but for one rounding a part', () => {
    fc.assert(
      fc.property(decks, call, fc.nat(), ({ deck }, one, pick) => {
        fc.pre(!isDeckRejection(deck));
        if (isDeckRejection(deck)) return;
        const rated = rate(ratable(one), deck);
        if (isRatingRejection(rated) || rated.segments.length === 0 || rated.timeline.maxCost !== null) return;
        const segment = rated.segments[pick % rated.segments.length];
        if (segment === undefined) return;
        const cut = segment.fromSecond + (pick % (segment.seconds / segment.incrementSeconds)) * segment.incrementSeconds;
        const end = Math.ceil(one.usageMs / 1000);
        const parts = [
          costOf(rated.timeline, 0, cut, { connectFee: true }),
          costOf(rated.timeline, cut, end, { connectFee: false }),
        ];
        const sum = parts.reduce((total, { amountMicros }) => total + amountMicros, 0n);
        const step = 10n ** BigInt(6 - rated.timeline.decimals);
        const apart = sum > rated.amountMicros ? sum - rated.amountMicros : rated.amountMicros - sum;
        expect(apart <= step).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a balance lasts exactly as long as the call that it still pays for', () => {
    const balance = fc.integer({ min: 0, max: 300 }).map((cents) => microsOf((cents / 100).toFixed(2)));
    fc.assert(
      fc.property(decks, call, balance, ({ deck }, one, balanceMicros) => {
        fc.pre(!isDeckRejection(deck));
        if (isDeckRejection(deck)) return;
        const quoted = quote(ratable({ ...one, usageMs: 0 }), deck, { balanceMicros });
        if (isRatingRejection(quoted)) return;
        const { maxUsageSeconds } = quoted;
        if (maxUsageSeconds === null || maxUsageSeconds === undefined) return;
        const { maxCost } = quoted.charge.timeline;
        const costs = (seconds: number) => rate(ratable({ ...one, usageMs: seconds * 1000 }), deck);
        const lasting = costs(maxUsageSeconds);
        expect(isRatingRejection(lasting) ? 'no-rate' : lasting.amountMicros <= balanceMicros).toBe(true);
        const longer = costs(maxUsageSeconds + 1);
        // It ends because of the balance, of a gap, or of a cap that disconnects.
        if (isRatingRejection(longer) || maxCost?.strategy === 'disconnect') return;
        expect(longer.amountMicros > balanceMicros).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
