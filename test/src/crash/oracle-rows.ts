// Crash test's judge of the read models: streams and dead letters are replayed here, the slow and plain way, and compared with the
// rows that stand in the read store.

import { Decimal } from 'decimal.js';
import { originalPlaceOf, reasonOf } from './oracle-letters.js';
import { movementOf, streamsOf } from './oracle-ledger.js';
import { crossings } from './oracle-messages.js';
import type { Finding, Observed, SeenRow, StoredEvent, TableName } from './observed.js';

export function auditRows(observed: Observed): readonly Finding[] {
  const { events, deadLetters } = observed;
  const compared = (table: TableName, key: string, wanted: readonly SeenRow[]): readonly Finding[] =>
    compare(table, key, wanted, observed.rows[table]);
  const letters = new Map(deadLetters.map((letter) => [originalPlaceOf(letter), reasonOf(letter).split(': ')[0]]));
  return [
    ...compared('balance', 'tenant', [...streamsOf(events).values()].map(balanceRow)),
    ...compared('low_balance', 'tenant', [...streamsOf(events).values()].map(lowBalanceRow)),
    ...compared(
      'low_balance_alert',
      'alert_id',
      crossings(events).map(({ id }) => ({ alert_id: id })),
    ),
    ...compared('auto_recharge', 'recharge_id', rechargeRows(events)),
    ...compared(
      'dead_letter',
      'letter_id',
      [...letters].map(([letter_id, code]) => ({ letter_id, code })),
    ),
    ...compared('set_aside', 'tenant', []),
  ];
}

function balanceRow(events: readonly StoredEvent[]): SeenRow {
  const sum = (chosen: (event: StoredEvent) => boolean): string =>
    events
      .filter(chosen)
      .reduce((total, event) => total.add(movementOf(event).abs()), new Decimal(0))
      .toFixed();
  const last = events.at(-1)?.data;
  const bought = (kind: string) => (event: StoredEvent) =>
    event.type === 'CreditPurchased.v1' && event.data.origin?.kind === kind;
  const policy = events.findLast(({ type }) => type === 'AutoRechargeSet.v1');
  const suspension = events.findLastIndex(({ data }) => data.autoRechargeSuspended === true);
  return {
    tenant: last?.tenant,
    currency: events[0]?.data.currency,
    plan: events[0]?.data.plan,
    balance: last?.balance,
    available: last?.available,
    reserved: new Decimal(last?.balance ?? 0).sub(last?.available ?? 0).toFixed(),
    calls_debited: events.filter(({ type }) => type === 'CallDebited.v1').length,
    calls_not_billable: events.filter(({ type }) => type === 'CallNotBillable.v1').length,
    debited: sum(({ type }) => type === 'CallDebited.v1'),
    purchased: sum(bought('invoice')),
    recharged: sum(bought('recharge')),
    expired: sum(({ type }) => type === 'LotExpired.v1'),
    alert_threshold: events.findLast(({ type }) => type === 'AlertThresholdSet.v1')?.data.threshold ?? null,
    recharge_trigger: policy?.data.policy?.trigger ?? null,
    recharge_amount: policy?.data.policy?.amount ?? null,
    recharge_suspended: policy !== undefined && suspension > events.indexOf(policy) ? 1 : 0,
    revision: events.length - 1,
    recorded_at: last?.recordedAt,
  };
}

function lowBalanceRow(events: readonly StoredEvent[]): SeenRow {
  const threshold = events.findLast(({ type }) => type === 'AlertThresholdSet.v1')?.data.threshold ?? null;
  const last = events.at(-1)?.data;
  return {
    tenant: last?.tenant,
    currency: events[0]?.data.currency,
    threshold,
    below: threshold !== null && new Decimal(last?.available ?? 0).lt(threshold) ? 1 : 0,
    alerts: crossings(events).length,
    revision: events.length - 1,
  };
}

function rechargeRows(events: readonly StoredEvent[]): readonly SeenRow[] {
  return events
    .filter(({ type }) => type === 'RechargeRequested.v1')
    .map((request) => {
      const { rechargeId } = request.data;
      const own = events.filter(({ data }) => data.rechargeId === rechargeId);
      const isOver = own.findLast(({ type }) => type === 'RechargeSucceeded.v1' || type === 'RechargeFailed.v1');
      const last = own.at(-1);
      return {
        recharge_id: rechargeId,
        tenant: request.data.tenant,
        cause: request.data.cause,
        amount: request.data.amount,
        status: isOver === undefined ? 'open' : isOver.type === 'RechargeSucceeded.v1' ? 'succeeded' : 'failed',
        attempts: Math.max(0, ...own.filter(({ type }) => type === 'PaymentAttempted.v1').map(({ data }) => data.attempt ?? 0)),
        last_code: own.findLast(({ data }) => data.code !== undefined)?.data.code ?? null,
        retry_at: last?.type === 'PaymentDeclined.v1' ? last.data.retryAt : null,
        payment_reference: isOver?.data.paymentReference ?? null,
        requested_revision: request.revision,
        revision: last?.revision,
      };
    });
}

/** Columns that a wanted row does not name are not looked at. Engines give whole numbers as numbers or as text. */
function compare(table: string, key: string, wanted: readonly SeenRow[], rows: readonly SeenRow[]): readonly Finding[] {
  const findings: Finding[] = [];
  const standing = new Map(rows.map((row) => [String(row[key]), row]));
  for (const row of wanted) {
    const name = String(row[key]);
    const found = standing.get(name);
    standing.delete(name);
    if (found === undefined) findings.push({ kind: 'row', what: `${table} ${name} is missing` });
    const differing = Object.keys(row).filter((column) => found !== undefined && shown(found[column]) !== shown(row[column]));
    for (const column of differing) {
      findings.push({
        kind: 'row',
        what: `${table} ${name}: ${column} is ${shown(found?.[column])}, replayed ${shown(row[column])}`,
      });
    }
  }
  for (const name of standing.keys()) findings.push({ kind: 'row', what: `${table} ${name} follows from nothing` });
  return findings;
}

function shown(value: unknown): string {
  return value === null || value === undefined ? 'null' : String(value);
}
