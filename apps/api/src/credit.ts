// Credit step, read from the stream: an account and an instant → what it has, holds, includes, is owed and is warned of.

import {
  availableOf,
  capsOf,
  leftInPool,
  licencesAssignedAt,
  monthOf,
  POOL_METERS,
  usedOfPool,
  type Account,
  type Licence,
  type PoolMeter,
} from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import type { CreditView } from './credit-answers.js';

const MS_PER_HOUR = 3_600_000;

export function creditOf(account: Account, nowMs: number): CreditView {
  const { tenant, currency, balanceMicros, reservedMicros, credit, revision } = account;
  const lots = credit.lots.map(({ lotId, remainingMicros, expiresAtMs }) => ({
    lotId,
    remaining: decimalOf(remainingMicros),
    expiresAt: isoOf(expiresAtMs),
  }));
  let openReservations = 0;
  for (const { status } of account.reservations.values()) if (status !== 'lapsed') openReservations += 1;
  return {
    tenant,
    currency,
    balance: decimalOf(balanceMicros),
    reserved: decimalOf(reservedMicros),
    available: decimalOf(availableOf(account)),
    overdraft: decimalOf(credit.overdraftMicros),
    lots,
    nextExpiry: lots[0]?.expiresAt ?? null,
    openReservations,
    month: monthOf(nowMs),
    pools: poolsOf(account, nowMs),
    autoRecharge: rechargeOf(account, nowMs),
    alarms: alarmsOf(account, nowMs),
    revision,
  };
}

/** Of the licences with included minutes that are assigned at the instant. */
function poolsOf({ entitlements, pools }: Account, nowMs: number): CreditView['pools'] {
  const month = monthOf(nowMs);
  return [...entitlements.counts.keys()].toSorted().flatMap((key) => {
    const [licence = '', place = '*'] = key.split(' ');
    const country = place === '*' ? null : place;
    const pool = country === null ? licence : key;
    const caps = capsOf(pool, entitlements, nowMs);
    const licences = licencesAssignedAt(entitlements, licence as Licence, country, nowMs);
    // Conferencing minutes are one pool for all countries, those of a calling plan one for each.
    const isPool = (caps.conferencing === undefined) === (country !== null);
    const metered = POOL_METERS.filter((meter) => caps[meter] !== undefined);
    if (!isPool || licences === 0 || metered.length === 0) return [];
    const meters = metered.map((meter: PoolMeter) => {
      const of = { pool, month, meter };
      return {
        meter,
        capSeconds: secondsOf(caps[meter] ?? 0),
        usedSeconds: secondsOf(usedOfPool(pools, of)),
        heldSeconds: secondsOf(pools.get(`${pool} ${month}`)?.held[meter] ?? 0),
        remainingSeconds: secondsOf(leftInPool(pools, of, caps)),
      };
    });
    return [{ licence, country, licences, meters }];
  });
}

function rechargeOf(account: Account, nowMs: number): CreditView['autoRecharge'] {
  const { autoRecharge: policy, autoRechargeSuspended: suspended, failuresInRow, rechargeFromMs, recharges } = account;
  if (policy === null) return null;
  const textOf = (micros: bigint | null): string | null => (micros === null ? null : decimalOf(micros));
  const [underWay = null] = [...recharges].flatMap(([id, { status }]) => (status === 'open' ? [id] : []));
  return {
    trigger: decimalOf(policy.triggerMicros),
    amount: decimalOf(policy.amountMicros),
    target: textOf(policy.targetMicros),
    maxPerHour: textOf(policy.maxPerHourMicros),
    maxPerMonth: textOf(policy.maxPerMonthMicros),
    suspended,
    failuresInRow,
    underWay,
    nextPossibleAt: suspended ? null : isoOf(Math.max(nowMs, rechargeFromMs)),
  };
}

function alarmsOf(account: Account, nowMs: number): CreditView['alarms'] {
  const { hour, currency, alertThresholdMicros: thresholdMicros, autoRechargeSuspended } = account;
  const available = availableOf(account);
  const alarms: CreditView['alarms'][number][] = [];
  if (hour.isAlarmed && nowMs - hour.hourMs < MS_PER_HOUR) {
    const spent = `${decimalOf(hour.spentMicros)} ${currency} spent since ${isoOf(hour.hourMs)}`;
    const limitMicros = account.terms.burstLimit === null ? undefined : microsOf(account.terms.burstLimit);
    const isBurst = limitMicros !== undefined && hour.spentMicros > limitMicros;
    if (isBurst) alarms.push({ alarm: 'spending-burst', detail: `${spent}; the limit is ${decimalOf(limitMicros)}` });
    else alarms.push({ alarm: 'recharge-cap', detail: `automatic recharges have come to their cap; ${spent}` });
  }
  if (thresholdMicros !== null && available < thresholdMicros) {
    const detail = `${decimalOf(available)} ${currency} are available, less than ${decimalOf(thresholdMicros)}`;
    alarms.push({ alarm: 'low-balance', detail });
  }
  if (autoRechargeSuspended) {
    const detail = 'payments have failed; mend the card, then POST auto-recharge/resume';
    alarms.push({ alarm: 'auto-recharge-suspended', detail });
  }
  return alarms;
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
