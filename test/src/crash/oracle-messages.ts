// Crash test's judge of what subscribers were told: streams and topics come in; events that were never published, and messages
// that say what is not so, go out. A message may come twice, but only under the same id and with the same content.

import { Decimal } from 'decimal.js';
import { movementOf, streamsOf } from './oracle-ledger.js';
import type { Finding, Observed, SeenMessage, StoredEvent } from './observed.js';

type Told = { readonly id: string; readonly says: string };

export function auditMessages({ events, balanceEvents, alerts, rechargeCommands }: Observed): readonly Finding[] {
  const moved = events.filter((event) => event.type === 'AccountOpened.v1' || !movementOf(event).isZero());
  const balances = moved.map((event) => ({ id: idOf(event), says: `${event.data.balance} ${event.type}` }));
  const requests = events.filter(({ type }) => type === 'RechargeRequested.v1');
  const commands = requests.map((event) => ({ id: idOf(event), says: `${event.data.amount} ${event.data.rechargeId}` }));
  return [
    ...compare('balance event', balances, balanceEvents, ({ balance, cause }) => `${balance} ${cause}`),
    ...compare('recharge command', commands, rechargeCommands, ({ amount, rechargeId }) => `${amount} ${rechargeId}`),
    ...compare('alert', crossings(events), alerts, ({ available, threshold }) => `${available} ${threshold}`),
  ];
}

/** Once per fall below the threshold, armed again at or above it; changing the threshold raises none. */
export function crossings(events: readonly StoredEvent[]): readonly Told[] {
  const raised: Told[] = [];
  for (const own of streamsOf(events).values()) {
    let threshold: string | null = null;
    let wasBelow = false;
    for (const event of own) {
      const { type, data } = event;
      if (type === 'AlertThresholdSet.v1') threshold = data.threshold ?? null;
      const isBelow = threshold !== null && new Decimal(data.available).lt(threshold);
      if (isBelow && !wasBelow && type !== 'AlertThresholdSet.v1')
        raised.push({ id: idOf(event), says: `${data.available} ${threshold}` });
      wasBelow = isBelow;
    }
  }
  return raised;
}

function compare(
  what: string,
  wanted: readonly Told[],
  messages: readonly SeenMessage[],
  saysOf: (data: Readonly<Record<string, unknown>>) => string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const told = new Map(messages.map((message) => [message.headers['ce_id'] ?? message.place, message]));
  const known = new Map(wanted.map(({ id, says }) => [id, says]));
  for (const id of known.keys()) if (!told.has(id)) findings.push({ kind: 'not-published', what: `${what} ${id}` });
  for (const { headers, value, place, key } of messages) {
    const id = headers['ce_id'] ?? '';
    const says = saysOf(JSON.parse(value) as Readonly<Record<string, unknown>>);
    if (known.get(id) !== says) {
      findings.push({ kind: 'published', what: `${place}: ${what} ${id} says ${says}; the stream says ${known.get(id)}` });
    } else if (key !== id.slice(0, id.lastIndexOf(':'))) {
      findings.push({ kind: 'published', what: `${place}: ${what} ${id} has key ${key}` });
    }
  }
  return findings;
}

export function idOf({ data, revision }: StoredEvent): string {
  return `${data.tenant}:${revision}`;
}
