// Bench, how much is measured: the short form for every change, the full one for the figures in the README.

export type Sizes = {
  /** CDRs of one hot tenant, of all tenants, and of a baseline. */
  readonly hot: number;
  readonly many: number;
  readonly baseline: number;
  readonly embedded: number;
  /** Over HTTP, each with its hold. */
  readonly authorisations: number;
  readonly latencySeconds: number;
  /** Of ten thousand calls each, rated by themselves. */
  readonly ratingRounds: number;
  /** Past calls of a long account, cached idle tenants, changes of one account. */
  readonly knownCalls: number;
  readonly idleTenants: number;
  readonly changes: number;
  /** Of the stream that balances are asked of as of an instant. */
  readonly asOfEvents: number;
  /** Calls of a usage report. */
  readonly reported: number;
  /** Of the tenant whose pages are asked for. */
  readonly overviewCalls: number;
  /** CDRs of a run under the profiler; the short form profiles only when asked to. */
  readonly profiled: number;
};

export const QUICK: Sizes = {
  hot: 20_000,
  many: 20_000,
  baseline: 20_000,
  embedded: 20_000,
  authorisations: 10_000,
  latencySeconds: 5,
  ratingRounds: 30,
  knownCalls: 1_000_000,
  idleTenants: 1_000,
  changes: 2_000,
  asOfEvents: 1_000_000,
  reported: 100_000,
  overviewCalls: 100_000,
  profiled: 30_000,
};
export const FULL: Sizes = {
  hot: 200_000,
  many: 1_000_000,
  baseline: 200_000,
  embedded: 200_000,
  authorisations: 100_000,
  latencySeconds: 30,
  ratingRounds: 200,
  knownCalls: 10_000_000,
  idleTenants: 10_000,
  changes: 10_000,
  asOfEvents: 10_000_000,
  reported: 1_000_000,
  overviewCalls: 1_000_000,
  profiled: 60_000,
};

/** The first part of every run, in which code is compiled and connections are made, is left out of its rate. */
export const WARM_UP_SHARE = 0.2;
const MOST_WARM_UP = 40_000;

export function warmUpOf(count: number): number {
  return Math.min(Math.floor(count * WARM_UP_SHARE), MOST_WARM_UP);
}

/** As the rating program takes them. */
export const MESSAGES_PER_BATCH = 1_000;
export const EVENTS_PER_APPEND = 500;
export const MAX_APPEND_BYTES = 768 * 1024;
export const TENANTS_AT_ONCE = 128;
export const PARTITIONS = 8;
export const CDRS_PER_SECOND_FOR_LATENCY = 2_000;
