// For tests of the ledger: commands with everything filled in, and an account that has been through some.

import type { Charge } from '@tollkeeper/charge';
import { initialAccount, settle, type Account } from './account.js';
import { record } from './codec.js';
import type { DebitCall, LedgerCommand, RecordCallNotBillable } from './commands.js';
import { decide } from './decide.js';
import type { CdrFacts } from './call-facts.js';
import type { LedgerEvent, LedgerEventOf, LedgerEventType } from './events.js';
import { isLedgerRejection } from './rejections.js';

/** Micro-units of one euro. */
export const EUR = 1_000_000n;
export const NOON_MS = Date.parse('2026-03-03T12:00:00.000Z');

export function cdrFacts(change: Partial<CdrFacts> = {}): CdrFacts {
  return {
    answerTime: '2026-03-03T11:50:00.000Z',
    callId: 'call-1',
    conferenceId: null,
    endTime: '2026-03-03T11:51:01.000Z',
    fingerprint: '1:aaaa',
    format: 'canonical',
    generation: 0,
    id: 'cdr-1',
    origin: { kind: 'bus', offset: '7', partition: 0, topic: 'telephony.cdr.v1' },
    parserVersion: 1,
    rawSha256: 'ab'.repeat(32),
    sessionId: null,
    setupTime: null,
    source: 'sbc-paris',
    switchUsage: null,
    tenantRule: 'account:acme',
    usageMs: 61_000,
    ...change,
  };
}

export function chargeOf(amountMicros: bigint, currency = 'EUR'): Charge {
  return {
    amountMicros,
    gross: '0.02',
    billedUsageSeconds: 120,
    segments: [{ fromSecond: 0, seconds: 120, rate: '0.01', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 }],
    plan: 'default',
    category: 'outbound',
    prefix: '33',
    destination: 'France',
    currency,
    deckHash: 'cd'.repeat(32),
    rows: [1],
    usageMs: 61_000,
    timeline: {
      spans: [{ fromMs: 0, rate: '0.01', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 }],
      connectFee: '0',
      rounding: 'up',
      decimals: 4,
      maxCost: null,
    },
  };
}

export function debit(amountMicros: bigint, cdr: Partial<CdrFacts> = {}, change: Partial<DebitCall> = {}): DebitCall {
  const charge = chargeOf(amountMicros);
  return { kind: 'debit-call', nowMs: NOON_MS, cdr: cdrFacts(cdr), charge, parties: 'v1.sealed', report: {}, ...change };
}

export function notBillable(cdr: Partial<CdrFacts> = {}): RecordCallNotBillable {
  const facts = cdrFacts({ answerTime: null, setupTime: '2026-03-03T11:50:00.000Z', usageMs: 0, ...cdr });
  return { kind: 'record-call-not-billable', nowMs: NOON_MS, cdr: facts, parties: 'v1.sealed', reason: 'unanswered' };
}

export const OPEN: LedgerCommand = {
  kind: 'open-account',
  nowMs: NOON_MS - 3_600_000,
  currency: 'EUR',
  plan: 'default',
  intakeWindowDays: 35,
};

export function purchase(amountMicros: bigint, purchaseId = 'purchase-1', nowMs = NOON_MS - 3_600_000): LedgerCommand {
  return { kind: 'purchase-credit', nowMs, purchaseId, amountMicros, origin: { kind: 'invoice', reference: 'INV-1' } };
}

export function autoRecharge(triggerMicros: bigint, amountMicros: bigint): LedgerCommand {
  return { kind: 'set-auto-recharge', nowMs: NOON_MS - 3_600_000, policy: { triggerMicros, amountMicros } };
}

/** The events, or a failed test that names the refusal. */
export function eventsOf(command: LedgerCommand, account: Account): readonly LedgerEvent[] {
  const decided = decide(command, account);
  if (isLedgerRejection(decided)) throw new Error(`refused: ${decided.code}: ${decided.reason}`);
  return decided;
}

/** An account of tenant acme that has carried out these commands, everything acknowledged. */
export function accountAfter(...commands: readonly LedgerCommand[]): Account {
  return commands.reduce(
    (account, command) => settle(record(account, eventsOf(command, account)).account),
    initialAccount('acme'),
  );
}

export function typesOf(events: readonly LedgerEvent[]): readonly string[] {
  return events.map((event) => event.type);
}

/** The code of the refusal, undefined when there is none. */
export function refusalOf(command: LedgerCommand, account: Account): string | undefined {
  const decided = decide(command, account);
  return isLedgerRejection(decided) ? decided.code : undefined;
}

/** What the one event of this type says; there must be exactly one. */
export function only<Type extends LedgerEventType>(type: Type, events: readonly LedgerEvent[]): LedgerEventOf<Type>['data'] {
  const [found, ...others] = events.filter((event) => event.type === type);
  if (found === undefined || others.length > 0)
    throw new Error(`expected one ${type} among ${typesOf(events).join(', ') || 'no events'}`);
  return found.data as LedgerEventOf<Type>['data'];
}
