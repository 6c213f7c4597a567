// Crash test's load: a seed and a size come in; tenants, CDR messages in the order they are published, and what each must
// come to go out. Most tenants get a single CDR, so that a loss and a double cannot cancel out in any sum.

import { randomOf, type Random } from './random.js';
import { referencePrice } from './reference-price.js';
import { unansweredCanonical, written, type MadeUpCall, type SourceName } from './switches.js';

/** What a message must come to, however often it is published and whoever dies meanwhile. */
export type Fate =
  | { readonly kind: 'debit'; readonly tenant: string; readonly source: string; readonly cdrId: string; readonly amount: string }
  | { readonly kind: 'not-billable'; readonly tenant: string; readonly source: string; readonly cdrId: string }
  | { readonly kind: 'dead-letter'; readonly code: string };

export type PlannedMessage = {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fate: Fate;
};

export type Purchase = { readonly tenant: string; readonly purchaseId: string; readonly amount: string };

/** What a tenant's payments meet at the gateway, in the simulator's words. */
export type GatewayBehaviour = string;

export type PlannedTenant = {
  readonly tenant: string;
  readonly currency: 'EUR' | 'USD';
  readonly firstPurchase: string | null;
  readonly autoRecharge: { readonly trigger: string; readonly amount: string } | null;
  readonly alertThreshold: string | null;
  readonly behaviours: readonly GatewayBehaviour[];
};

export type Load = {
  readonly tenants: readonly PlannedTenant[];
  /** In order; a message that stands here twice is a redelivery. */
  readonly messages: readonly PlannedMessage[];
  readonly distinctMessages: number;
  /** Credit bought while the load runs. */
  readonly purchases: readonly Purchase[];
};

const HOT_TENANTS = 8;
const SHARES = { hot: 0.22, notBillable: 0.03, altered: 0.02, bad: 0.03, closed: 0.02 };
const RECHARGING_SHARE = 0.08;
const REDELIVERED_SHARE = 0.13;
/** A redelivery follows its original at most this many messages later. */
const REDELIVERY_REACH = 800;
const HOUR_MS = 3_600_000;

const CALLED = {
  EUR: ['+33140000002', '+33612345678', '+442079460001', '+447700900123', '+4930123456', '+12125550123', '+13035550123'],
  USD: ['+33140000002', '+442079460001', '+4930123456', '+12125550123'],
} as const;

/** Every way a payment can go; those that end in a decline leave their recharge failed or waiting. */
const GATEWAY: readonly (readonly GatewayBehaviour[])[] = [
  ['success'],
  ['success'],
  ['timeout-after-charging', 'success'],
  ['drop-reply', 'success'],
  ['drop-request', 'success'],
  ['unavailable', 'unavailable', 'success'],
  ['processing-then-success'],
  ['success', 'expired-card'],
  ['decline'],
  ['processing-then-decline'],
];

export type LoadOptions = {
  readonly seed: number;
  readonly cdrs: number;
  /** Calls were answered in the day before. */
  readonly nowMs: number;
  /** Begins the name of every tenant. */
  readonly prefix: string;
};

export function planLoad({ seed, cdrs, nowMs, prefix }: LoadOptions): Load {
  return new Planner(randomOf(seed), cdrs, nowMs, prefix).plan();
}

class Planner {
  readonly #tenants: PlannedTenant[] = [];
  #number = 0;

  constructor(
    private readonly random: Random,
    private readonly cdrs: number,
    private readonly nowMs: number,
    private readonly prefix: string,
  ) {}

  plan(): Load {
    const counts = Object.fromEntries(Object.entries(SHARES).map(([name, share]) => [name, Math.ceil(this.cdrs * share)]));
    const { hot = 0, notBillable = 0, altered = 0, bad = 0, closed = 0 } = counts;
    const hotTenants = Array.from({ length: HOT_TENANTS }, (_, at) => this.#hotTenant(`${this.prefix}hot-${at}`));
    const single = Math.max(0, this.cdrs - hot - notBillable - altered - bad - closed);
    const originals = [
      ...Array.from({ length: single }, (_, at) => this.#debit(this.#singleTenant(`${this.prefix}one-${at}`))),
      ...Array.from({ length: hot }, () => this.#debit(this.random.pick(hotTenants))),
      ...Array.from({ length: notBillable }, (_, at) => this.#notBillable(this.#singleTenant(`${this.prefix}quiet-${at}`))),
      ...Array.from({ length: bad }, (_, at) => this.#bad(at)),
      ...Array.from({ length: closed }, (_, at) => this.#closed(`${this.prefix}closed-${at}`)),
    ];
    const inOrder = this.#withFollowers(this.random.shuffled(originals), altered);
    const purchases = Array.from({ length: Math.ceil(this.cdrs / 60) }, (_, at) => this.#purchase(hotTenants, at));
    return { tenants: this.#tenants, messages: inOrder, distinctMessages: new Set(inOrder).size, purchases };
  }

  #hotTenant(tenant: string): PlannedTenant {
    const planned: PlannedTenant = {
      tenant,
      currency: this.random.chance(0.3) ? 'USD' : 'EUR',
      firstPurchase: '12.00',
      autoRecharge: { trigger: '9.00', amount: '4.00' },
      alertThreshold: '8.50',
      behaviours: this.random.pick(GATEWAY.slice(0, -3)),
    };
    this.#tenants.push(planned);
    return planned;
  }

  /** Some buy exactly their trigger, so that their one call takes them below it. */
  #singleTenant(tenant: string): PlannedTenant {
    const recharging = this.random.chance(RECHARGING_SHARE);
    const planned: PlannedTenant = {
      tenant,
      currency: this.random.chance(0.2) ? 'USD' : 'EUR',
      firstPurchase: recharging ? '20.00' : null,
      autoRecharge: recharging ? { trigger: '20.00', amount: this.random.pick(['10.00', '25.00', '50.00']) } : null,
      alertThreshold: recharging && this.random.chance(0.5) ? '20.00' : null,
      behaviours: recharging ? this.random.pick(GATEWAY) : ['success'],
    };
    this.#tenants.push(planned);
    return planned;
  }

  #call(tenant: string, currency: 'EUR' | 'USD'): MadeUpCall {
    this.#number += 1;
    const source = this.random.pick<SourceName>(['sbc', 'sbc', 'fs', 'pbx']);
    const answerMs = Math.floor((this.nowMs - HOUR_MS - this.random.below(20 * HOUR_MS)) / 1000) * 1000;
    const seconds = this.random.between(1, 900);
    const usageMs = source === 'pbx' ? seconds * 1000 : seconds * 1000 - this.random.below(1000);
    return { number: this.#number, source, tenant, called: this.random.pick(CALLED[currency]), answerMs, usageMs };
  }

  #debit({ tenant, currency }: PlannedTenant): PlannedMessage {
    const call = this.#call(tenant, currency);
    const { cdrId, value } = written(call);
    const amount = referencePrice(call.called, currency, call.usageMs);
    return message(tenant, call.source, value, { kind: 'debit', tenant, source: call.source, cdrId, amount });
  }

  #notBillable({ tenant, currency }: PlannedTenant): PlannedMessage {
    const { cdrId, value } = unansweredCanonical(this.#call(tenant, currency));
    return message(tenant, 'sbc', value, { kind: 'not-billable', tenant, source: 'sbc', cdrId });
  }

  #closed(tenant: string): PlannedMessage {
    const call = this.#call(tenant, 'EUR');
    return message(tenant, call.source, written(call).value, { kind: 'dead-letter', code: 'account-not-open' });
  }

  #bad(at: number): PlannedMessage {
    const tenant = `${this.prefix}hot-0`;
    const call: MadeUpCall = { ...this.#call(tenant, 'EUR'), source: 'sbc' };
    const fields = JSON.parse(written(call).value) as Readonly<Record<string, unknown>>;
    const altered = (changes: object): string => JSON.stringify({ ...fields, ...changes });
    const old = new Date(this.nowMs - 60 * 24 * HOUR_MS).toISOString();
    const [code, value] = this.random.pick([
      ['cdr-malformed', `{"id": "bad-${at}", `],
      ['cdr-unknown-format', JSON.stringify({ colour: `red ${at}` })],
      ['cdr-field-missing', altered({ id: null, callId: `bad-${at}` })],
      ['cdr-field-invalid', altered({ usageMs: -1 })],
      ['called-number-unusable', altered({ calledNumber: 'voicemail' })],
      ['unknown-tenant', altered({ tenant: null })],
      ['no-rate', altered({ calledNumber: '+81312345678' })],
      ['cdr-too-old', altered({ setupTime: null, answerTime: old, endTime: null })],
    ] as const);
    return message(tenant, 'sbc', value, { kind: 'dead-letter', code });
  }

  #purchase(hotTenants: readonly PlannedTenant[], at: number): Purchase {
    const { tenant } = this.random.pick(hotTenants);
    return { tenant, purchaseId: `invoice-${at}`, amount: `${this.random.between(1, 3)}.00` };
  }

  /** Puts redeliveries and altered copies behind their originals. */
  #withFollowers(originals: readonly PlannedMessage[], altered: number): readonly PlannedMessage[] {
    const { random } = this;
    const placed = originals.map((one, at) => ({ at, one }));
    const follow = (place: { at: number; one: PlannedMessage }, one = place.one): void => {
      placed.push({ at: place.at + 0.5 + random.fraction() * REDELIVERY_REACH, one });
    };
    const recorded = placed.filter(({ one }) => one.fate.kind === 'debit' && one.headers['cdr-source'] === 'sbc');
    for (const place of random.shuffled(recorded).slice(0, altered)) follow(place, alteredCopy(place.one));
    for (const place of placed.slice()) if (random.chance(REDELIVERED_SHARE)) follow(place);
    return placed.toSorted((a, b) => a.at - b.at).map(({ one }) => one);
  }
}

/** The same CDR id with another usage: what came first stands, this one is refused. */
function alteredCopy(original: PlannedMessage): PlannedMessage {
  const fields = JSON.parse(original.value) as { readonly usageMs: number };
  const value = JSON.stringify({ ...fields, endTime: null, usageMs: fields.usageMs + 61_000 });
  return { ...original, value, fate: { kind: 'dead-letter', code: 'cdr-exists-with-different-content' } };
}

function message(key: string, source: SourceName, value: string, fate: Fate): PlannedMessage {
  return { key, value, headers: { 'cdr-source': source }, fate };
}
