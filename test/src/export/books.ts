// Tests of what is read from the ledger: what people and switches do to an account comes in; its stream, written by the real ledger, goes
// out, every kind of posting among it.

import type { Charge } from '@tollkeeper/charge';
import { inMemoryEventStore, StreamWriter, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type CdrFacts, type LedgerCommand } from '@tollkeeper/ledger';

export const DAY_MS = 86_400_000;
export const START_MS = Date.parse('2026-01-10T08:00:00.000Z');

type Untimed<Command> = Command extends LedgerCommand ? Omit<Command, 'nowMs'> : never;

export type CallSaid = {
  readonly agoMs?: number;
  readonly destination?: string;
  readonly id?: string;
  readonly parties?: string;
};

/** The ledger and its clock, which the test turns. */
export class Books {
  readonly store: EventStore = inMemoryEventStore();
  nowMs = START_MS;
  readonly #writer = new StreamWriter({ store: this.store, decider: ledgerDecider, maxCachedStreams: 100 });
  #ids = 0;

  async open(tenant: string, currency = 'EUR'): Promise<void> {
    await this.run(tenant, { kind: 'open-account', currency, plan: 'default', intakeWindowDays: 35 });
    await this.run(tenant, { kind: 'set-terms', terms: { lotTermMonths: 1 } });
  }

  async purchase(tenant: string, amountMicros: bigint, reference = 'INV-1'): Promise<string> {
    const purchaseId = `purchase-${this.nextId()}`;
    await this.run(tenant, { kind: 'purchase-credit', purchaseId, amountMicros, origin: { kind: 'invoice', reference } });
    return purchaseId;
  }

  async call(tenant: string, amountMicros: bigint, said: CallSaid = {}): Promise<void> {
    const { agoMs = 60_000, destination = 'France', id = `cdr-${this.nextId()}`, parties = 'v1.sealed' } = said;
    const cdr = cdrOf(id, this.nowMs - agoMs);
    const charge = chargeOf(amountMicros, destination, await this.currencyOf(tenant));
    await this.run(tenant, { kind: 'debit-call', cdr, charge, parties, report: {} });
  }

  /** Of the last debit of that CDR. */
  async rerate(tenant: string, cdrId: string, amountMicros: bigint): Promise<void> {
    const debit = (await this.events(tenant)).findLast((event) => event.type === 'CallDebited.v1' && cdrIn(event)?.id === cdrId);
    const cdr = debit && cdrIn(debit);
    if (debit === undefined || cdr === undefined) throw new Error(`no debit of ${cdrId}`);
    const { source, id, generation } = cdr;
    const charge = chargeOf(amountMicros, 'France', await this.currencyOf(tenant));
    const { revision } = debit;
    const by = { author: 'ada', rerateId: `rerate-${this.nextId()}` };
    await this.run(tenant, { kind: 'rerate-call', revision, cdr: { source, id, generation }, charge, ...by });
  }

  async adjust(tenant: string, direction: 'credit' | 'debit', amountMicros: bigint, reason = 'goodwill'): Promise<void> {
    const adjustmentId = `adjustment-${this.nextId()}`;
    await this.run(tenant, { kind: 'adjust-credit', adjustmentId, direction, amountMicros, author: 'ada', reason });
  }

  async refund(tenant: string, purchaseId: string, amountMicros: bigint, cause: 'refund' | 'dispute' = 'refund'): Promise<void> {
    const refundId = `refund-${this.nextId()}`;
    await this.run(tenant, {
      kind: 'refund-purchase',
      refundId,
      purchaseId,
      amountMicros,
      cause,
      author: 'ada',
      reason: 'sent back',
    });
  }

  /** Asked for by hand and paid. */
  async recharge(tenant: string, amountMicros: bigint): Promise<void> {
    const rechargeId = `${tenant}:recharge-${this.nextId()}`;
    await this.run(tenant, { kind: 'request-recharge', rechargeId, amountMicros });
    await this.run(tenant, { kind: 'attempt-payment', rechargeId });
    const outcome = { paid: true, paymentReference: `pay-${rechargeId}` } as const;
    await this.run(tenant, { kind: 'record-payment', rechargeId, attempt: 1, outcome });
  }

  /** Writes down what has fallen due meanwhile. */
  async wait(byMs: number, ...tenants: readonly string[]): Promise<void> {
    this.nowMs += byMs;
    for (const tenant of tenants) await this.run(tenant, { kind: 'expire-due' });
  }

  /** @throws Error of the refusal's code. */
  async run(tenant: string, untimed: Untimed<LedgerCommand>): Promise<void> {
    const command = { ...untimed, nowMs: this.nowMs } as LedgerCommand;
    const [result] = await this.#writer.execute(streamOf(tenant), [command]);
    if (result?.kind === 'refused') throw new Error(`${result.refusal.code}: ${result.refusal.reason}`);
  }

  async events(tenant: string): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const page of this.store.readStream(streamOf(tenant))) events.push(...page);
    return events;
  }

  private currencyOf(tenant: string): Promise<string> {
    return this.#writer.query(streamOf(tenant), ({ currency }) => currency);
  }

  private nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}

function cdrIn({ data }: RecordedEvent): CdrFacts | undefined {
  return data['cdr'] as unknown as CdrFacts | undefined;
}

function cdrOf(id: string, answerMs: number): CdrFacts {
  const [answerTime, endTime] = [answerMs, answerMs + 61_000].map((atMs) => new Date(atMs).toISOString()) as [string, string];
  const from = { source: 'sbc-paris', format: 'canonical', parserVersion: 1, fingerprint: `1:${id}`, rawSha256: 'ab'.repeat(32) };
  const told = { callId: `call of ${id}`, conferenceId: null, sessionId: null, setupTime: null, switchUsage: null };
  const origin = { kind: 'bus', offset: '7', partition: 0, topic: 'telephony.cdr.v1' } as const;
  return { id, answerTime, endTime, usageMs: 61_000, generation: 0, tenantRule: 'account', origin, ...from, ...told };
}

function chargeOf(amountMicros: bigint, destination: string, currency: string): Charge {
  const row = { rate: '0.01', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 };
  const of = { plan: 'default', category: 'outbound', prefix: '33', destination, currency, deckHash: 'cd'.repeat(32), rows: [1] };
  const timeline = { spans: [{ fromMs: 0, ...row }], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null } as const;
  const segments = [{ fromSecond: 0, seconds: 120, ...row }];
  return { amountMicros, gross: '0.02', billedUsageSeconds: 120, usageMs: 61_000, segments, ...of, timeline };
}

const EUR = 1_000_000n;

/** Every kind of posting, several tenants and currencies, six decimals, overdraft, months; names that a tool could trip over. */
export async function booksOfAllKinds(): Promise<Books> {
  const books = new Books();
  const tenants = ['acme', 'contoso.com', 'a_b-c.d', '7up'];
  await books.open('acme');
  await books.open('contoso.com', 'USD');
  await books.open('a_b-c.d', 'JPY');
  await books.open('7up', 'KWD');
  const bought = await books.purchase('acme', 100n * EUR, 'INV "7"; 2026 | first, \\ [2026-01-01]\nline');
  await books.recharge('acme', 20n * EUR);
  await books.call('acme', 1_234_567n, {
    id: 'cdr, with: "all" | sorts; of=[things]',
    destination: "=Côte d'Ivoire; Mobile | 2",
  });
  await books.call('acme', 0n, { id: 'free' });
  await books.call('acme', 40_000n, { id: 'late', agoMs: 30 * DAY_MS });
  await books.adjust('acme', 'credit', 5_000_001n, '@outage "of 3 March"');
  await books.adjust('acme', 'debit', 1n);
  await books.call('contoso.com', 3_500_000n, { id: 'overdraft' });
  await books.purchase('contoso.com', 2n * EUR);
  // More digits than a spreadsheet's numbers hold.
  await books.call('a_b-c.d', 1_234_567_890_123_456n);
  await books.wait(25 * DAY_MS, ...tenants);
  await books.refund('acme', bought, 7_000_000n);
  await books.refund('acme', bought, 1_000_000n, 'dispute');
  await books.rerate('acme', 'late', 30_000n);
  await books.rerate('acme', 'late', 0n);
  await books.rerate('contoso.com', 'overdraft', 1_000_000n);
  await books.wait(10 * DAY_MS, ...tenants);
  await books.call('acme', 9_990_000n);
  await books.call('contoso.com', 990_000n);
  await books.purchase('7up', 12_345_000n);
  await books.call('7up', 345n);
  await books.wait(40 * DAY_MS, ...tenants);
  await books.call('acme', 25_000n);
  return books;
}
