// Story tests, three months of one tenant: raw calls and what people do come in; the product's account and the oracle's books go out.

import type { RecordedEvent } from '@tollkeeper/event-store';
import { Books, decimal } from './books.oracle.js';
import { cdrOf, rawDays, ZOE, type RawCall } from './raw-calls.js';
import { openWorld, type World } from './world.js';

export const DECK = `prefix,destination,rate,increment,connectFee,category
33,France,0.02,60,0,*
44,Britain,0.15,60,0,*
49,Germany,0.012,1,0.03,*
`;
export const SEED = 20_260_105;
const FIRST_DAY = Date.parse('2026-01-05T09:00:00Z');
/** When credit is given, taken and refunded by hand. */
const BY_HAND = Date.parse('2026-02-10T12:00:00Z');

export class Life {
  readonly days = rawDays(SEED);
  readonly everyCall = new Map(this.days.flatMap(({ calls }) => calls.map((call) => [call.id, call] as const)));
  readonly books = new Books();

  private constructor(readonly world: World) {}

  static async open(): Promise<Life> {
    return new Life(await openWorld(DECK, new Date(FIRST_DAY).toISOString()));
  }

  async threeMonths(): Promise<void> {
    await this.write('PUT', '', { currency: 'EUR' }, 'open');
    await this.write('PUT', '/terms', { country: 'FR', billingCountry: 'FR' }, 'terms');
    const licences = ['calling-plan-120', 'communications-credits'];
    await this.write('PUT', `/users/${ZOE}/licences`, { country: 'FR', licences }, 'zoe');
    await this.write('POST', '/purchases', { amount: '30', method: 'card' }, 'first');
    await this.world.until('the purchase', async () => (await this.ofType('CreditPurchased.v1')).length === 1);
    this.books.bought(30_000_000n, FIRST_DAY);
    await this.write('PUT', '/auto-recharge', { trigger: '5', amount: '20' }, 'auto');
    for (const { atMs, calls, again } of this.days) {
      if (atMs > BY_HAND && this.world.clock.nowMs < BY_HAND) await this.byHand();
      await this.live(atMs, [...calls, ...again.map((id) => this.callOf(id))]);
    }
  }

  callOf(id: string): RawCall {
    return this.everyCall.get(id) as RawCall;
  }

  async ofType(type: string): Promise<readonly RecordedEvent[]> {
    return (await this.world.events('acme')).filter((event) => event.type === type);
  }

  /** Every call that the books have, and every recharge that followed. */
  allRecorded(what: string): Promise<void> {
    const { books, world } = this;
    return world.until(what, async () => {
      const debits = await this.ofType('CallDebited.v1');
      return debits.length === books.priced.size && (await this.ofType('RechargeSucceeded.v1')).length === books.recharges + 1;
    });
  }

  /** Below zero, as a statement has them; a call that a pool paid took nothing. */
  amountsByCall(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.books.priced].map(([id, { micros }]) => [id, decimal(-micros)]));
  }

  /** One day's records as its switch sends them, and everything that follows from them. */
  private async live(atMs: number, calls: readonly RawCall[]): Promise<void> {
    this.world.clock.nowMs = atMs;
    await this.world.send('acme', calls.map(cdrOf));
    for (const call of calls) this.books.call(call, atMs);
    await this.allRecorded(`the day of ${new Date(atMs).toISOString()}`);
  }

  private async byHand(): Promise<void> {
    this.world.clock.nowMs = BY_HAND;
    const by = { author: 'ada', reason: 'outage of 3 February' };
    await this.write('POST', '/adjustments', { direction: 'credit', amount: '2.5', ...by }, 'give');
    this.books.adjusted(2_500_000n, BY_HAND);
    await this.write('POST', '/adjustments', { direction: 'debit', amount: '1', ...by }, 'take');
    this.books.adjusted(-1_000_000n, BY_HAND);
    await this.write('POST', '/purchases/first/refunds', { amount: '3', cause: 'refund', ...by }, 'refund');
    this.books.refunded(3_000_000n, BY_HAND);
  }

  private async write(method: 'POST' | 'PUT', path: string, body: object, key: string): Promise<void> {
    const answer = await this.world.ask(method, `/v1/tenants/acme${path}`, body, { 'idempotency-key': key });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  }
}
