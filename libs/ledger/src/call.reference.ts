// A call told a second time, for tests of the ledger only: a timeline and a stretch of it in, what it costs out; traits, people and
// terms in, who pays out. Naive on purpose: increment by increment, numbers of micro-units, everybody counted anew each time.

import type { Authorise } from './commands.js';

export type Timeline = Authorise['rated']['timeline'];
/** Whose minutes, of which month, on which meter: `calling-plan-120 FR|2026-03|domestic`. */
export type Pool = string;
type Dated = { readonly user: string; readonly from: number };
export type People = {
  readonly licences: readonly (Dated & { readonly country: string; readonly held: readonly string[] })[];
  readonly policies: readonly (Dated & { readonly policy: string })[];
};
export type Judged = {
  readonly payer: string;
  readonly pool: Pool | null;
  readonly refusal: string | null;
  readonly creditRefusal: string | null;
  readonly needsCredit: boolean;
};

const FREE: Judged = { payer: 'emergency', pool: null, refusal: null, creditRefusal: null, needsCredit: false };
const ZONE_A = ['FR', 'US', 'CA', 'IN'];
export const NOT_SOLD = ['IN', 'UA'];
const MINUTES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'calling-plan-120': { domestic: 120 },
  'calling-plan-international': { domestic: 1200, international: 600 },
  'audio-conferencing': { conferencing: 60 },
};

const parsed = new Map<string, number>();
export function micros(text: string): number {
  const known = parsed.get(text) ?? Math.round(Number(text) * 1e6);
  parsed.set(text, known);
  return known;
}
export const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

/** Where the increment ends that begins at this second, and 60 times its price; a call without spans is free. */
export function stepFrom({ spans }: Timeline, second: number): { readonly end: number; readonly price60: number } {
  const span = spans.findLast(({ fromMs }) => fromMs <= second * 1000);
  if (span === undefined) return { end: second + 1, price60: 0 };
  const { incrementSeconds, rate, rateUnitSeconds } = span;
  return { end: second + incrementSeconds, price60: (micros(rate) * incrementSeconds * 60) / rateUnitSeconds };
}

/** The connect fee is due where the credit pays from the beginning. */
export function feeFrom({ connectFee }: Timeline, from: number): number {
  return from === 0 ? micros(connectFee) * 60 : 0;
}

export function rounded({ decimals, rounding, maxCost }: Timeline, price60: number): number {
  const unit = 10 ** (6 - decimals);
  const units = Math.min(price60, maxCost === null ? Infinity : micros(maxCost.amount) * 60) / 60 / unit;
  return (rounding === 'up' ? Math.ceil(units) : Math.floor(units + 0.5)) * unit;
}

export function costOf(timeline: Timeline, from: number, to: number): number {
  let total = from < to ? feeFrom(timeline, from) : 0;
  for (let at = from; at < to;) {
    const { end, price60 } = stepFrom(timeline, at);
    total += price60;
    at = end;
  }
  return rounded(timeline, total);
}

export function latest<Item extends Dated>(items: readonly Item[], user: string, at: number): Item | undefined {
  const mine = items.filter((item) => item.user === user && item.from <= at);
  return mine.toSorted((a, b) => b.from - a.from)[0];
}

/** Minutes per licence, for each user who holds it at the instant. */
export function capsOf(name: string, { licences }: People, at: number): Readonly<Record<string, number>> {
  const [plan = '', country] = name.split(' ');
  const users = [...new Set(licences.map(({ user }) => user))].map((user) => latest(licences, user, at));
  const count = users.filter((now) => now?.held.includes(plan) && (country ?? now.country) === now.country).length;
  return Object.fromEntries(Object.entries(MINUTES[plan] ?? {}).map(([meter, each]) => [meter, each * count * 60_000]));
}

export type Call = Authorise['traits'] & { readonly category: string; readonly at: number };

export function judged(call: Call, people: People, terms: { country: string | null; licensing: string }): Judged {
  const { category, direction, destinationCountry: to, users, at } = call;
  if (category === 'emergency') return FREE;
  const [user = 'nobody'] = users.filter((known) => people.licences.some((one) => one.user === known));
  const own = latest(people.licences, user, at);
  const country = own?.country ?? terms.country;
  const [ruled = 'nobody'] = users.filter((known) => people.policies.some((one) => one.user === known));
  const { policy = 'any' } = latest(people.policies, ruled, at) ?? latest(people.policies, '', at) ?? {};
  const isDialled = direction === 'outbound' && category !== 'toll-free-inbound';
  const allowed = { any: true, none: false, 'same-country': to === country, 'zone-a': ZONE_A.includes(to ?? '') }[policy];
  const isBarred = isDialled && (!allowed || (policy === 'same-country' && to === null));
  const refusal = isBarred ? 'POLICY' : call.supported ? null : 'UNSUPPORTED_DESTINATION';
  const unsold = NOT_SOLD.includes(country ?? '') ? 'NOT_AVAILABLE_IN_COUNTRY' : null;
  const byCredit = { ...FREE, payer: 'credit', refusal, creditRefusal: unsold, needsCredit: category === 'toll-free-inbound' };
  if (!isDialled) return byCredit;
  const held = own?.held ?? [];
  const isConference = category === 'conference-dial-out' || category === 'call-me';
  const letters = ['communications-credits', 'resource-account', ...(isConference ? ['pay-per-minute-conferencing'] : [])];
  const unlicensed = terms.licensing === 'required' && !held.some((one) => letters.includes(one)) ? 'NO_LICENCE' : null;
  const paid = { ...byCredit, creditRefusal: unsold ?? unlicensed };
  const pool = (name: string, meter: string): Judged => ({ ...paid, payer: 'pool', pool: `${name}|${monthOf(at)}|${meter}` });
  if (own === undefined || to === null) return paid;
  if (isConference) {
    if (held.includes('extended-dial-out') && (to === 'US' || to === 'CA')) return { ...FREE, payer: 'unlimited', refusal };
    return held.includes('audio-conferencing') && ZONE_A.includes(to) ? pool('audio-conferencing', 'conferencing') : paid;
  }
  const plan = held.find((one) => one.startsWith('calling-plan-'));
  if (plan === undefined || (to !== country && plan !== 'calling-plan-international')) return paid;
  return pool(`${plan} ${own.country}`, to === country ? 'domestic' : 'international');
}
