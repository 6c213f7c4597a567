// For the rule tests of the ledger: calls with a price list of their own, requests to authorise them, settings, and an account with its
// stream, so that what a stream writer reads as evidence is there.

import { priceOf, type Timeline } from '@tollkeeper/charge';
import { initialAccount, settle, type Account } from './account.js';
import { record, type PlacedEvent } from './codec.js';
import type { Authorise, DebitCall, LedgerCommand } from './commands.js';
import { decide } from './decide.js';
import { ledgerDecider } from './decider.js';
import type { DialOutPolicy, Licence } from './entitlements.js';
import type { LedgerEvent } from './events.js';
import { cdrFacts, NOON_MS } from './fixtures.js';
import { isLedgerRejection } from './rejections.js';
import type { AccountTerms } from './account-facts.js';
import type { CallTraits } from './waterfall.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

type Tier = readonly [fromSecond: number, perMinute: string];

/** Rates per minute from a second on, billed by the increment. */
export function prices(tiers: readonly Tier[], incrementSeconds = 60, change: Partial<Timeline> = {}): Timeline {
  const spans = tiers.map(([fromSecond, rate], at) => {
    return { fromMs: fromSecond * 1000, rate, rateUnitSeconds: 60, incrementSeconds, row: at + 1 };
  });
  return { spans, connectFee: '0', rounding: 'up', decimals: 4, maxCost: null, ...change };
}

/** A euro for each minute begun. */
export const EURO_A_MINUTE = prices([[0, '1']]);

type CallOf = {
  readonly id?: string;
  readonly timeline?: Timeline;
  readonly usageSeconds?: number;
  readonly category?: string;
  readonly traits?: Partial<CallTraits>;
  readonly answerMs?: number;
  readonly nowMs?: number;
  readonly sessionId?: string | null;
};

const TRAITS: CallTraits = { direction: 'outbound', users: ['ann'], destinationCountry: 'FR', supported: true };

/** A CDR of one minute at a euro, answered at noon, of user Ann to a number in France, unless said otherwise. */
export function call(said: CallOf = {}): DebitCall {
  const { id = 'cdr-1', timeline = EURO_A_MINUTE, usageSeconds = 60, category = 'outbound', traits, sessionId = null } = said;
  const { answerMs = NOON_MS, nowMs = NOON_MS + MINUTE_MS } = said;
  const usageMs = usageSeconds * 1000;
  const cdr = cdrFacts({ id, answerTime: new Date(answerMs).toISOString(), sessionId, usageMs });
  const of = { plan: 'default', category, prefix: '33', destination: 'France', currency: 'EUR', deckHash: 'd', rows: [1] };
  const charge = { ...priceOf(timeline, usageMs), ...of, usageMs, timeline };
  return { kind: 'debit-call', nowMs, cdr, charge, parties: 'sealed', report: {}, traits: { ...TRAITS, ...traits } };
}

type AskedFor = Omit<CallOf, 'id' | 'usageSeconds' | 'answerMs'> & {
  readonly requestedSeconds?: number | null;
  readonly ratedSeconds?: number;
  readonly fingerprint?: string;
};

/** A request for the same call, about to be answered at noon. */
export function authorise(said: AskedFor = {}): Authorise {
  const { sessionId, timeline = EURO_A_MINUTE, category = 'outbound', traits, nowMs = NOON_MS } = said;
  const rated = { plan: 'default', category, prefix: '33', destination: 'France', currency: 'EUR', deckHash: 'd', timeline };
  return {
    kind: 'authorise',
    nowMs,
    sessionId: sessionId ?? 's-1',
    fingerprint: said.fingerprint ?? 'asked',
    parties: 'sealed',
    traits: { ...TRAITS, ...traits },
    presumedAnswerMs: nowMs,
    requestedSeconds: said.requestedSeconds ?? null,
    rated: { ...rated, ratedSeconds: said.ratedSeconds ?? Infinity },
  };
}

export function extend(usedSeconds: number, requestedSeconds: number | null, nowMs: number, sessionId = 's-1'): LedgerCommand {
  return { kind: 'extend-reservation', nowMs, sessionId, usedSeconds, requestedSeconds };
}

export function terminate(usedSeconds: number, nowMs: number, sessionId = 's-1'): LedgerCommand {
  return { kind: 'terminate-reservation', nowMs, sessionId, usedSeconds };
}

const SET_MS = NOON_MS - HOUR_MS;
const LONG_AGO_MS = NOON_MS - 365 * DAY_MS;

export function licences(user: string, country: string, held: readonly Licence[], fromMs = LONG_AGO_MS): LedgerCommand {
  return { kind: 'assign-licences', nowMs: SET_MS, user, sealedUser: 'sealed', country, licences: held, fromMs };
}

export function policy(user: string | null, allowed: DialOutPolicy, fromMs = LONG_AGO_MS): LedgerCommand {
  return { kind: 'set-dial-out-policy', nowMs: SET_MS, user, policy: allowed, fromMs };
}

export function terms(changed: Partial<AccountTerms>): LedgerCommand {
  return { kind: 'set-terms', nowMs: SET_MS, terms: changed };
}

export function expireDue(nowMs: number): LedgerCommand {
  return { kind: 'expire-due', nowMs };
}

/** An account of tenant acme with its stream. */
export class Story {
  account: Account = initialAccount('acme');
  readonly stored: PlacedEvent[] = [];

  constructor(...commands: readonly LedgerCommand[]) {
    for (const command of commands) this.run(command);
  }

  /** The events, which the account has gone through. @throws Error of the refusal's code. */
  run(command: LedgerCommand): readonly LedgerEvent[] {
    const decided = this.decided(command);
    if (isLedgerRejection(decided)) throw new Error(`refused: ${decided.code}: ${decided.reason}`);
    const { account, stored } = record(this.account, decided);
    for (const event of stored) this.stored.push({ ...event, stream: 'credit-acme', revision: this.stored.length });
    this.account = settle(account);
    return decided;
  }

  /** The code that the command is refused with, undefined when it is not. */
  refusal(command: LedgerCommand): string | undefined {
    const decided = this.decided(command);
    return isLedgerRejection(decided) ? decided.code : undefined;
  }

  get lots(): readonly string[] {
    return this.account.credit.lots.map(({ lotId, remainingMicros }) => `${lotId} ${Number(remainingMicros) / 1e6}`);
  }

  private decided(command: LedgerCommand): ReturnType<typeof decide> {
    const evidence = ledgerDecider.evidenceFor(command, this.account).map((revision) => this.stored[revision] as PlacedEvent);
    return decide(ledgerDecider.withEvidence(command, evidence), this.account);
  }
}
