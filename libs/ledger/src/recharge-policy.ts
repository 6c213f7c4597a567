// Recharge step's rule: an account after an event → the recharge that is due by its policy, and the alarm when money goes too fast.
//
// A level, not an edge: available and pending credit below the trigger, with no recharge in flight, means a request; caps by the hour
// and the calendar month, a back-off after a failure, and a suspension hold it back.

import { decimalOf, minorUnitMicros } from '@tollkeeper/money';
import { availableOf, MS_PER_HOUR, pendingRechargeMicros, type Account } from './account.js';
import type { AutoRecharge } from './commands.js';
import { common } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import { hourAt } from './evolve.js';
import { rechargeRequested } from './funding.js';
import { monthOf } from './pools.js';
import { burstLimitOf } from './terms.js';

/** At most one recharge, and at most one alarm an hour. */
export function dueRecharge(account: Account, nowMs: number): readonly LedgerEvent[] {
  const policy = account.autoRecharge;
  if (policy === null || account.autoRechargeSuspended || nowMs < account.rechargeFromMs) return [];
  const available = availableOf(account);
  // Pending money counts in full: with any in flight nothing is asked for, whatever it comes to.
  if (available >= policy.triggerMicros || pendingRechargeMicros(account) > 0n) return [];
  const wantedMicros = amountOf(policy, available, account.currency);
  const cap = tightestCap(policy, account, nowMs);
  const amountMicros = wantedMicros < cap.leftMicros ? wantedMicros : wholeUnits(cap.leftMicros, account.currency);
  if (amountMicros < policy.amountMicros) {
    const askedMicros = cap.limitMicros - cap.leftMicros + policy.amountMicros;
    return alarm('recharge-cap', cap.limitMicros, askedMicros, account, nowMs);
  }
  // Made of the place it will stand at, the id is unique and a decision made twice is the same decision.
  const rechargeId = `${account.tenant}.${account.revision + 1}`;
  return [rechargeRequested(account, { rechargeId, amountMicros, cause: 'auto', nowMs })];
}

/** More was spent within the clock hour than the account's limit. */
export function dueBurstAlarm(account: Account, nowMs: number): readonly LedgerEvent[] {
  const limitMicros = burstLimitOf(account.terms);
  const { spentMicros } = hourAt(account.hour, nowMs);
  if (limitMicros === null || spentMicros <= limitMicros) return [];
  return alarm('spending', limitMicros, spentMicros, account, nowMs);
}

/** Fixed, or what is missing to the target, rounded up to what can be paid; a cap may leave less. At 3.456, to 20 EUR → 16.55. */
function amountOf({ amountMicros, targetMicros }: AutoRecharge, available: bigint, currency: string): bigint {
  if (targetMicros === null) return amountMicros;
  const missing = wholeUnits(targetMicros - available + minorUnitMicros(currency) - 1n, currency);
  return missing > amountMicros ? missing : amountMicros;
}

/** Rounded down to what can be paid. */
function wholeUnits(micros: bigint, currency: string): bigint {
  return micros - (micros % minorUnitMicros(currency));
}

type Cap = { readonly limitMicros: bigint; readonly leftMicros: bigint };

/** The one of the two caps that leaves less; without caps, one that leaves more than anybody asks for. */
function tightestCap({ maxPerHourMicros, maxPerMonthMicros }: AutoRecharge, { recharges }: Account, nowMs: number): Cap {
  let [inHour, inMonth] = [0n, 0n];
  const month = monthOf(nowMs);
  for (const recharge of recharges.values()) {
    if (recharge.cause !== 'auto' || recharge.status === 'failed') continue;
    if (recharge.requestedAtMs > nowMs - MS_PER_HOUR) inHour += recharge.amountMicros;
    if (monthOf(recharge.requestedAtMs) === month) inMonth += recharge.amountMicros;
  }
  const hour = capOf(maxPerHourMicros, inHour);
  const calendarMonth = capOf(maxPerMonthMicros, inMonth);
  return hour.leftMicros <= calendarMonth.leftMicros ? hour : calendarMonth;
}

const NO_LIMIT_MICROS = 2n ** 63n;

function capOf(limitMicros: bigint | null, askedMicros: bigint): Cap {
  const limit = limitMicros ?? NO_LIMIT_MICROS;
  return { limitMicros: limit, leftMicros: limit - askedMicros };
}

function alarm(
  cause: 'recharge-cap' | 'spending',
  limitMicros: bigint,
  spentMicros: bigint,
  account: Account,
  nowMs: number,
): readonly LedgerEvent[] {
  const { hourMs, isAlarmed } = hourAt(account.hour, nowMs);
  if (isAlarmed) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const [hour, limit, spent] = [new Date(hourMs).toISOString(), decimalOf(limitMicros), decimalOf(spentMicros)];
  return [{ type: 'BurstDetected.v1', data: { available, balance, cause, effectiveAt, hour, limit, recordedAt, spent, tenant } }];
}
