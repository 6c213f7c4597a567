// For the model test of the ledger: a few small numbers, such as fast-check draws and shrinks them, and what was asked before; out comes
// the command that they stand for. New ids count up, so that only what is repeated on purpose is repeated.

import { priceOf, type Charge, type Timeline } from '@tollkeeper/charge';
import { cdrFacts } from './fixtures.js';
import type { Authorise, DebitCall, LedgerCommand, RecordCallNotBillable, RerateCall } from './commands.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** What is drawn: the kind of command and six numbers that each kind reads in its own way. */
export type Draw = { readonly kind: string; readonly minutes: number; readonly n: readonly number[] };
export type Asked = {
  nowMs: number;
  count: number;
  readonly calls: (DebitCall | RecordCallNotBillable)[];
  readonly sessions: Authorise[];
  /** Of each call: revision and charge of the debit that stands. */
  readonly debits: Map<string, { revision: number; generation: number; charge: Charge }>;
  /** In order of request, with the attempts made. */
  readonly recharges: Map<string, number>;
};

type Span = readonly [fromMs: number, rate: string, unit: number, increment: number];
function timeline(spans: readonly Span[], connectFee = '0', change: Partial<Timeline> = {}): Timeline {
  const rows = spans.map(([fromMs, rate, rateUnitSeconds, incrementSeconds], row) => {
    return { fromMs, rate, rateUnitSeconds, incrementSeconds, row: row + 1 };
  });
  return { spans: rows, connectFee, rounding: 'up', decimals: 4, maxCost: null, ...change };
}
const TARIFFS: readonly Timeline[] = [
  timeline([[0, '0.01', 60, 60]]),
  timeline([[0, '0.5', 60, 1]], '0.1'),
  timeline([[0, '3', 60, 60]], '0.05'),
  timeline([[0, '0.2', 60, 60], [90_500, '0.0512', 60, 60]], '0.05'), // prettier-ignore
  timeline([[0, '0.3', 60, 30], [30_000, '0.123456', 60, 6]]), // prettier-ignore
  timeline([]),
  timeline([[0, '0', 60, 60]]),
  timeline([[0, '2', 60, 60]], '0.25', { maxCost: { amount: '5', strategy: 'disconnect' } }),
  timeline([[0, '2', 60, 60]], '0', { maxCost: { amount: '3', strategy: 'free' } }),
  timeline([[0, '0.0123', 1, 1]], '0', { rounding: 'half-up', decimals: 2 }),
  timeline([[0, '10', 60, 60]]),
];
const USAGES_MS = [61_000, 0, 400, 59_000, 60_000, 125_500, 180_000, 1_800_000, 3_600_000, 7_140_000, 40_000_000, 36_000_000];
const CENTS = [500, 1, 50, 2000, 5000, 10_000, 123, 0];
const ROUTES = [
  ['outbound', 'outbound', 'FR'],
  ['outbound', 'outbound', 'US'],
  ['international', 'outbound', 'MA'],
  ['conference-dial-out', 'outbound', 'US'],
  ['call-me', 'outbound', 'FR'],
  ['toll-free-inbound', 'inbound', null],
  ['conference', 'inbound', 'FR'],
  ['emergency', 'outbound', null],
  ['outbound', 'outbound', null],
] as const;
const USERS = [[], ['u0'], ['u1'], ['stranger', 'u0'], ['u2', 'u1']] as const;
const LICENCES = [
  ['communications-credits'],
  [],
  ['calling-plan-120', 'communications-credits'],
  ['calling-plan-120'],
  ['calling-plan-international', 'communications-credits'],
  ['audio-conferencing', 'pay-per-minute-conferencing'],
  ['audio-conferencing', 'extended-dial-out'],
  ['resource-account'],
] as const;
const COUNTRIES = ['FR', 'US', 'IN'] as const;
const POLICIES = ['any', 'none', 'same-country', 'zone-a'] as const;
const AGES_MINUTES = [0, 2, 15, 130, 1500, -4, -6, 20 * 1440, 34 * 1440, 36 * 1440];
const SECONDS = [null, 60, 1, 61, 90, 300, 4000];

/** The items go round, so that every number means one of them. */
function at<Item>(items: readonly Item[], index: number | undefined): Item {
  return items[(index ?? 0) % items.length] as Item;
}

function chargeBy(tariff: number, category: string, usageMs: number): Charge {
  const chosen = at(TARIFFS, tariff);
  const rest = { plan: 'default', category, prefix: '33', destination: 'France', currency: 'EUR', rows: [1] };
  return { ...priceOf(chosen, usageMs), ...rest, deckHash: `tariff ${tariff % TARIFFS.length}`, usageMs, timeline: chosen };
}

function traitsOf(route: number, user: number, isServed: boolean): { category: string; traits: Authorise['traits'] } {
  const [category, direction, destinationCountry] = at(ROUTES, route);
  return { category, traits: { direction, destinationCountry, users: at(USERS, user), supported: isServed } };
}

const cents = (index: number | undefined): bigint => BigInt(at(CENTS, index)) * 10_000n;
const iso = (ms: number): string => new Date(ms).toISOString();

/** Mostly the last one, else one further back. */
function latest<Item>(items: readonly Item[], index: number): Item | undefined {
  return items.length === 0 ? undefined : at(items.toReversed(), Math.max(0, index - 11));
}

/** Undefined when there is nothing to repeat, extend or end. */
export function commandOf({ kind, n }: Draw, asked: Asked): LedgerCommand | undefined {
  const { nowMs } = asked;
  const [a = 0, b = 0, c = 0, d = 0] = n;
  const nth = `x${a % 4}`;
  const newest = latest([...asked.recharges.keys()], a) ?? 'none';
  // Ids older than the intake window may have been forgotten, and be free again.
  const recent = asked.sessions.filter(({ presumedAnswerMs }) => nowMs - presumedAnswerMs < 30 * DAY);
  const sessionIds = ['unknown', ...recent.map(({ sessionId }) => sessionId)];
  switch (kind) {
    case 'debit':
      return newDebit(n, asked);
    case 'debit-of-session':
      return debitOfSession(n, asked);
    case 'repeat': {
      const before = latest(asked.calls, a);
      return (
        before && { ...before, nowMs, cdr: { ...before.cdr, fingerprint: b % 3 === 0 ? 'altered' : before.cdr.fingerprint } }
      );
    }
    case 'not-billable': {
      const facts = { id: `cdr-${(asked.count += 1)}`, answerTime: null, setupTime: iso(nowMs - at(AGES_MINUTES, b) * MINUTE) };
      return { kind: 'record-call-not-billable', nowMs, cdr: cdrFacts(facts), parties: '', reason: 'unanswered' };
    }
    case 'rerate':
      return rerate(n, asked);
    case 'authorise':
      return authorise(n, asked);
    case 'extend': {
      const sessionId = latest(sessionIds, a) ?? '';
      const requestedSeconds = at(SECONDS, c);
      return {
        kind: 'extend-reservation',
        nowMs,
        sessionId,
        usedSeconds: at([60, 0, 30, 61, 240, 300, 600], b),
        requestedSeconds,
      };
    }
    case 'terminate':
      return {
        kind: 'terminate-reservation',
        nowMs,
        sessionId: latest(sessionIds, a) ?? '',
        usedSeconds: at([0, 61, 10, 300, 900], b),
      };
    case 'purchase': {
      const origin = { kind: 'invoice', reference: `INV-${c % 2}` } as const;
      return {
        kind: 'purchase-credit',
        nowMs,
        purchaseId: d % 3 === 0 ? nth : `p${(asked.count += 1)}`,
        amountMicros: cents(b),
        origin,
      };
    }
    case 'by-hand':
      return { kind: 'request-recharge', nowMs, rechargeId: nth, amountMicros: cents(b) };
    case 'adjust': {
      const move = { author: 'ann', reason: 'goodwill', direction: at(['credit', 'debit'] as const, c) };
      return { kind: 'adjust-credit', nowMs, adjustmentId: nth, amountMicros: cents(b % 7) + BigInt(d), ...move };
    }
    case 'refund': {
      const move = { author: 'ann', reason: 'card', cause: at(['refund', 'dispute'] as const, c) };
      return { kind: 'refund-purchase', nowMs, refundId: `r${d % 3}`, purchaseId: nth, amountMicros: cents(b % 7), ...move };
    }
    case 'attempt':
      return { kind: 'attempt-payment', nowMs, rechargeId: newest };
    case 'outcome': {
      const attempted = [...asked.recharges].filter(([, attempts]) => attempts > 0).map(([id]) => id);
      const rechargeId = latest(attempted, a) ?? newest;
      const attempt = Math.max(0, (asked.recharges.get(rechargeId) ?? 1) + at([0, 0, 0, 0, -1, 1], b));
      const kinds = ['soft', 'paid', 'soft', 'hard', 'authentication', 'paid'] as const;
      const outcome = at(kinds, c);
      if (outcome !== 'paid') {
        return { kind: 'record-payment', nowMs, rechargeId, attempt, outcome: { paid: false, code: 'no', class: outcome } };
      }
      return { kind: 'record-payment', nowMs, rechargeId, attempt, outcome: { paid: true, paymentReference: `pay-${d % 2}` } };
    }
    default:
      return settingOf(kind, n, nowMs);
  }
}

/** A CDR of a call that was never authorised. */
function newDebit([a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[], asked: Asked): DebitCall {
  const { nowMs } = asked;
  const { category, traits } = traitsOf(c, d, e !== 7);
  const facts = { id: `cdr-${(asked.count += 1)}`, answerTime: iso(nowMs - at(AGES_MINUTES, e) * MINUTE), fingerprint: 'said' };
  const charge = chargeBy(a, category, at(USAGES_MS, b));
  return { kind: 'debit-call', nowMs, cdr: cdrFacts(facts), charge, parties: '', report: {}, traits };
}

/** The CDR of a session: as it was authorised, or by another tariff; at its presumed answer, or a little later. */
function debitOfSession([a = 0, b = 0, c = 0, d = 0]: readonly number[], asked: Asked): DebitCall | undefined {
  const session = latest(asked.sessions, a);
  if (session === undefined) return undefined;
  const { rated, traits, presumedAnswerMs, sessionId } = session;
  const answerTime = iso(presumedAnswerMs + at([0, 0, 0, 5000, 86_400_000], c));
  const facts = { id: `cdr-${(asked.count += 1)}`, answerTime, fingerprint: 'said', sessionId };
  const tariff = d === 0 ? c : Number(rated.deckHash.slice(7));
  const charge = chargeBy(tariff, rated.category, at(USAGES_MS, b));
  return { kind: 'debit-call', nowMs: asked.nowMs, cdr: cdrFacts(facts), charge, parties: '', report: {}, traits };
}

function rerate([a = 0, b = 0, c = 0]: readonly number[], asked: Asked): RerateCall | undefined {
  const [id, standing] = latest([...asked.debits], a) ?? [];
  if (id === undefined || standing === undefined) return undefined;
  const { revision, generation, charge } = standing;
  const cdr = { id, source: cdrFacts().source, generation };
  const again = chargeBy(b, charge.category, charge.usageMs);
  const by = { author: 'auditor', rerateId: 'r' };
  return { kind: 'rerate-call', nowMs: asked.nowMs, revision: c === 7 ? 0 : revision, cdr, charge: again, ...by };
}

function authorise([a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[], asked: Asked): Authorise {
  const { nowMs } = asked;
  const before = latest(asked.sessions, a);
  if (e >= 13 && before !== undefined && nowMs - before.presumedAnswerMs < 30 * DAY) {
    return { ...before, nowMs, fingerprint: e === 13 ? 'other' : before.fingerprint };
  }
  const { category, traits } = traitsOf(c, d, e !== 7);
  const deckHash = `tariff ${a % TARIFFS.length}`;
  const rated = { plan: 'default', category, prefix: '33', destination: 'France', currency: 'EUR', deckHash };
  return {
    kind: 'authorise',
    nowMs,
    sessionId: `s-${(asked.count += 1)}`,
    fingerprint: 'asked',
    parties: '',
    traits,
    presumedAnswerMs: nowMs + at([0, 0, 5000, -2000], e),
    requestedSeconds: at(SECONDS, b),
    rated: { ...rated, timeline: at(TARIFFS, a), ratedSeconds: e === 12 ? 130 : Infinity },
  };
}

function settingOf(kind: string, [a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[], nowMs: number): LedgerCommand {
  const fromMs = nowMs + at([0, 0, -2 * DAY, -20 * DAY, 3 * DAY], e);
  const user = `u${a % 3}`;
  switch (kind) {
    case 'auto-recharge': {
      if (a === 15) return { kind: 'set-auto-recharge', nowMs, policy: null };
      const amountMicros = cents(b % 5) || 1_230_000n;
      const triggerMicros = cents(c % 5);
      const most = (index: number): bigint | null => at([null, null, amountMicros, 3n * amountMicros], index);
      const targetMicros = d < 5 ? triggerMicros + cents(d) : null;
      return {
        kind: 'set-auto-recharge',
        nowMs,
        policy: { triggerMicros, amountMicros, targetMicros, maxPerHourMicros: most(e), maxPerMonthMicros: most(a) },
      };
    }
    case 'resume':
      return { kind: 'resume-auto-recharge', nowMs, author: 'ann' };
    case 'licences': {
      const assigned = { user, sealedUser: '', country: at(COUNTRIES, b), licences: at(LICENCES, c) };
      return { kind: 'assign-licences', nowMs, fromMs, ...assigned };
    }
    case 'policy':
      return { kind: 'set-dial-out-policy', nowMs, fromMs, user: b % 2 === 0 ? null : user, policy: at(POLICIES, c) };
    case 'terms':
      return { kind: 'set-terms', nowMs, terms: at(TERMS, a) };
    default:
      return { kind: 'expire-due', nowMs };
  }
}

const TERMS = [
  { licensing: 'required' },
  { licensing: 'off', quotaSeconds: 90 },
  { quotaSeconds: 7200 },
  { country: 'FR' },
  { country: 'IN' },
  { burstLimit: '12.5' },
  { burstLimit: null, country: null },
  { lotTermMonths: 1, lotWarningDays: 10 },
  { lotTermMonths: 2, settleTimeoutSeconds: 3600 },
] as const;
