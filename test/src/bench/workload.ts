// Bench, what is measured with: a seed and a shape come in; tenants, their CDRs, the sources and the rate deck go out.

import type { MessageToPublish } from '@tollkeeper/message-bus';
import { randomOf } from './rating-decks.js';

/** `hot` is one tenant; `many` a thousand, `crowd` ten thousand, whose calls follow Zipf's law, as customers of a carrier do. */
export type Shape = 'hot' | 'many' | 'crowd';

const TENANTS_OF: Readonly<Record<Shape, number>> = { hot: 1, many: 1_000, crowd: 10_000 };
export const CURRENCY = 'EUR';

const MS_PER_DAY = 86_400_000;
/** CDRs come shortly after their calls; a wider spread would only make more sealing keys. */
const ANSWERED_WITHIN_MS = 2 * MS_PER_DAY;
const LONGEST_CALL_MS = 20 * 60_000;
const SEED = 20_261_101;

export type Workload = {
  readonly tenants: readonly string[];
  /** The CDRs from the `from`-th on, in the order they are published in; the same bytes at every call. */
  messages(from: number, count: number): readonly CdrMessage[];
};

export type CdrMessage = MessageToPublish & { readonly key: string; readonly value: string };

/** @param name goes into tenants and CDR ids, so that a run never meets the events of another. */
export function workload(name: string, shape: Shape, nowMs: number): Workload {
  const tenants = Array.from({ length: TENANTS_OF[shape] }, (_, rank) => `${name}-${rank}`);
  const tenantAt = zipf(tenants);
  const messages = (from: number, count: number): readonly CdrMessage[] =>
    Array.from({ length: count }, (_, at) => {
      const random = randomOf(SEED + from + at);
      const tenant = tenantAt(random());
      return { key: tenant, value: JSON.stringify(cdr(`${name}-${from + at}`, tenant, random, nowMs)) };
    });
  return { tenants, messages };
}

/** Where the CDR stands in its workload. */
export function indexOfCdr(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

/** Tenants by rank: the n-th has 1/n of the calls of the first. */
function zipf(tenants: readonly string[]): (random: number) => string {
  const weights = tenants.map((_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const upTo = Float64Array.from(weights, (weight) => (sum += weight / total));
  return (random) => {
    let low = 0;
    let high = tenants.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) < random) low = middle + 1;
      else high = middle;
    }
    return tenants[low] as string;
  };
}

function cdr(id: string, tenant: string, random: () => number, nowMs: number): Readonly<Record<string, string | number>> {
  const digits = (count: number): string => String(Math.floor(random() * 10 ** count)).padStart(count, '0');
  const usageMs = Math.floor(random() * LONGEST_CALL_MS);
  const answerMs = nowMs - LONGEST_CALL_MS - Math.floor(random() * ANSWERED_WITHIN_MS);
  const user = digits(5);
  return {
    id,
    callId: `${id}-call`,
    tenant,
    direction: 'outbound',
    callingNumber: `+3314455${digits(4)}`,
    calledNumber: `+${PREFIXES[Math.floor(random() * PREFIXES.length)]}${digits(8)}`,
    setupTime: new Date(answerMs - 4_250).toISOString(),
    answerTime: new Date(answerMs).toISOString(),
    endTime: new Date(answerMs + usageMs).toISOString(),
    usageMs,
    switchUsage: String(Math.ceil(usageMs / 1000)),
    userId: `user-${user}`,
    userDisplayName: `User ${user}`,
  };
}

const PREFIXES: readonly string[] = [
  '49',
  '4915',
  '33',
  '336',
  '44',
  '447',
  '1',
  '1212',
  '34',
  '39',
  '41',
  '43',
  '31',
  '32',
  '351',
  '48',
];

/** One switch that names the tenant in each record, as a JSON file of sources holds it. */
export function sourcesJson(topic: string): string {
  return JSON.stringify([{ name: 'bench', topics: [topic], format: 'canonical-json', trustTenantField: true }]);
}

/** A deck of the size that carriers publish, so that the search for a prefix costs what it costs. */
export function deckCsv(): string {
  const rows = PREFIXES.flatMap((prefix) => [
    `${prefix},Destination ${prefix},0.0200`,
    ...Array.from(
      { length: 100 },
      (_, area) => `${prefix}${String(area).padStart(2, '0')},Area ${prefix} ${area},0.0${150 + area}`,
    ),
  ]);
  const unique = new Map(rows.map((row) => [row.slice(0, row.indexOf(',')), row]));
  return ['prefix,destination,rate', ...unique.values(), ''].join('\n');
}
