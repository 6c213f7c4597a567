// Recharge step's rule: an account after an event → the recharge that is due by its policy, and the alarm when money goes too fast.
//
// A level, not an edge: available and pending credit below the trigger, with no recharge in flight, means a request; caps by the hour
// and the calendar month, a back-off after a failure, and a suspension hold it back.

import { decimalOf, minorUnitsOf } from '@tollkeeper/money';
import { availableOf, pendingRechargeMicros, type Account } from './account.js';
import type { AutoRecharge } from './commands.js';
import { common } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import { hourAt } from './evolve.js';
import { rechargeRequested } from './funding.js';
import { monthOf } from './pools.js';
import { burstLimitOf } from './terms.js';

const MS_PER_HOUR = 3_600_000;

/** At most one recharge, and at most one alarm an hour. */
export function dueRecharge(account: Account, nowMs: number): readonly LedgerEvent[] {
  const policy = account.autoRecharge;
  if (policy === null || account.autoRechargeSuspended || nowMs < account.rechargeFromMs) return [];
  // Most debits end here: the recharges of years need not be looked through for them.
  if (availableOf(account) >= policy.triggerMicros) return [];
  const available = availableOf(account) + pendingRechargeMicros(account);
  if (available >= policy.triggerMicros || isInFlight(account)) return [];
  const amountMicros = amountOf(policy, available, account.currency);
  const cap = exceededCap(policy, amountMicros, account, nowMs);
  if (cap !== undefined) return alarm('recharge-cap', cap.limitMicros, cap.askedMicros, account, nowMs);
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

function isInFlight({ recharges }: Account): boolean {
  for (const { status } of recharges.values()) if (status === 'open') return true;
  return false;
}

/** Fixed, or what is missing to the target, rounded up to what can be paid. At 3.456 with a target of 20 EUR → 16.55. */
function amountOf({ amountMicros, targetMicros }: AutoRecharge, available: bigint, currency: string): bigint {
  if (targetMicros === null) return amountMicros;
  const unit = 10n ** BigInt(6 - minorUnitsOf(currency));
  const missing = ((targetMicros - available + unit - 1n) / unit) * unit;
  return missing > amountMicros ? missing : amountMicros;
}

function exceededCap(
  { maxPerHourMicros, maxPerMonthMicros }: AutoRecharge,
  amountMicros: bigint,
  { recharges }: Account,
  nowMs: number,
): { readonly limitMicros: bigint; readonly askedMicros: bigint } | undefined {
  let [inHour, inMonth] = [amountMicros, amountMicros];
  const month = monthOf(nowMs);
  for (const recharge of recharges.values()) {
    if (recharge.cause !== 'auto' || recharge.status === 'failed') continue;
    if (recharge.requestedAtMs > nowMs - MS_PER_HOUR) inHour += recharge.amountMicros;
    if (monthOf(recharge.requestedAtMs) === month) inMonth += recharge.amountMicros;
  }
  if (maxPerHourMicros !== null && inHour > maxPerHourMicros) return { limitMicros: maxPerHourMicros, askedMicros: inHour };
  if (maxPerMonthMicros !== null && inMonth > maxPerMonthMicros) return { limitMicros: maxPerMonthMicros, askedMicros: inMonth };
  return undefined;
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
