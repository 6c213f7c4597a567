// Reservation step's door: a switch's request about a call → the ledger's command, and its grant or refusal back, in one append.
//
// What if a request comes twice? The session is held once and answered alike. Altered? It is refused. Out of order? A session that
// has ended is never held again. We die after the append? The repeat is answered from what stands.

import type { RatedAhead } from '@tollkeeper/charge';
import type { CommandResult } from '@tollkeeper/event-store';
import {
  availableOf,
  monthOf,
  planAt,
  type Account,
  type Authorise,
  type CallTraits,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
  type PlanFrom,
  type Reservation,
} from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { identityOf, pseudonymOf } from '@tollkeeper/people';
import { failpoint } from '@tollkeeper/program';
import {
  DEFAULT_SOURCE,
  destinationCountry,
  dialledNumber,
  freeCharge,
  isRatingRejection,
  numberPlanOf,
  rateAhead,
  type DialledNumber,
  type NumberPlan,
} from '@tollkeeper/rating';
import { STANDING_MONTH } from '@tollkeeper/sealing';
import type { Accounts } from './accounts.js';
import { ActiveDecks } from './active-decks.js';
import type { AuthorizationAnswer, AuthorizationBody, TerminationBody, UpdateBody } from './authorization-requests.js';
import type { ApiParts } from './parts.js';
import { problem, refusedByLedger } from './problem.js';

type Result = CommandResult<LedgerEvent, LedgerRejection>;
type Payer = {
  readonly currency: string;
  readonly plans: readonly PlanFrom[];
  readonly country: string | null;
  readonly readAtMs: number;
};
type Called = DialledNumber & { readonly usable: string };

/** Country and plan of an account are read anew after this; a changed plan is noticed at once, since the ledger refuses the old one. */
const PAYER_FRESH_MS = 30_000;
const MAX_PAYERS = 100_000;
const MAX_FROM_NOW_MS = 86_400_000;
const DEFAULT_CATEGORY = { inbound: 'inbound', outbound: 'outbound' } as const;

export class Authorizations {
  /** In order of reading. */
  readonly #payers = new Map<string, Payer>();
  readonly #numberPlans = new Map<string, NumberPlan>();
  readonly #decks: ActiveDecks;

  constructor(
    private readonly parts: ApiParts,
    private readonly accounts: Accounts,
  ) {
    this.#decks = new ActiveDecks(parts.decks);
  }

  async authorise(body: AuthorizationBody): Promise<AuthorizationAnswer> {
    const { tenant } = body;
    const first = await this.#execute(tenant, await this.#command(body));
    const isStale = first.kind === 'refused' && first.refusal.code === 'plan-mismatch';
    if (isStale) this.#payers.delete(tenant);
    const result = isStale ? await this.#execute(tenant, await this.#command(body)) : first;
    return this.#answer(tenant, body.sessionId, result);
  }

  async update(sessionId: string, { tenant, usedSeconds, requestedSeconds }: UpdateBody): Promise<AuthorizationAnswer> {
    const requested = { usedSeconds, requestedSeconds: requestedSeconds ?? null };
    const command = { kind: 'extend-reservation', nowMs: this.#nowMs(), sessionId, ...requested } as const;
    return this.#answer(tenant, sessionId, await this.#execute(tenant, command));
  }

  /** Whether it changed anything: a second one, or one that comes after the CDR, does not. */
  async terminate(sessionId: string, { tenant, usedSeconds }: TerminationBody): Promise<boolean> {
    const command = { kind: 'terminate-reservation', nowMs: this.#nowMs(), sessionId, usedSeconds } as const;
    const result = await this.#execute(tenant, command);
    if (result.kind === 'refused') throw refusedByLedger(result.refusal);
    return result.kind === 'recorded';
  }

  async #command(body: AuthorizationBody): Promise<Authorise> {
    const { tenant, sessionId, user, direction = 'outbound' } = body;
    const { ring } = this.parts;
    const nowMs = this.#nowMs();
    const presumedAnswerMs = body.presumedAnswer === undefined ? nowMs : Date.parse(body.presumedAnswer);
    assertNear(presumedAnswerMs, nowMs);
    const payer = await this.#payer(tenant, nowMs);
    const called = this.#called(body, payer);
    const month = monthOf(presumedAnswerMs);
    await ring.prepare([
      { tenant, month },
      { tenant, month: STANDING_MONTH },
    ]);
    const category = body.category ?? DEFAULT_CATEGORY[direction];
    const { rated, supported } = await this.#rated({ payer, called, category, presumedAnswerMs });
    const identity = user === undefined ? null : identityOf(user);
    const known = identity === null ? undefined : pseudonymOf(ring, tenant, identity);
    const traits: CallTraits = {
      direction,
      supported,
      users: known === undefined ? [] : [known],
      destinationCountry: called.e164 === null ? null : destinationCountry(called.e164),
    };
    // Keyed, since a digest of numbers alone can be guessed; the same request gives the same one.
    const asked = JSON.stringify([identity, called.usable, category, direction]);
    const fingerprint = ring.pseudonym(tenant, `session ${asked}`) ?? 'erased';
    const parties = { called: called.usable, calling: body.calling ?? null, userId: user ?? null };
    const sealed = ring.seal(tenant, month, `session\u0000${sessionId}`, parties);
    return {
      kind: 'authorise',
      nowMs,
      sessionId,
      fingerprint,
      parties: sealed,
      traits,
      presumedAnswerMs,
      requestedSeconds: body.requestedSeconds ?? null,
      rated,
    };
  }

  /** A destination that no row prices is refused by the ledger, behind what its policies say. */
  async #rated({
    payer,
    called,
    category,
    presumedAnswerMs,
  }: {
    readonly payer: Payer;
    readonly called: Called;
    readonly category: string;
    readonly presumedAnswerMs: number;
  }): Promise<{ readonly rated: RatedAhead; readonly supported: boolean }> {
    const plan = planAt(payer, presumedAnswerMs);
    const call = {
      plan,
      currency: payer.currency,
      category,
      calledNumber: called.usable,
      answerTimeMs: presumedAnswerMs,
      emergency: called.emergency,
    };
    const unpriced = (deckHash: string) => ({ ...freeCharge({ ...call, usageMs: 0 }, deckHash, 'Not rated'), ratedSeconds: 0 });
    if (called.emergency) {
      const hash = this.parts.decks.hashAt(plan, presumedAnswerMs) ?? '';
      return { rated: { ...unpriced(hash), category: 'emergency', ratedSeconds: Infinity }, supported: true };
    }
    const deck = await this.#decks.at(plan, presumedAnswerMs);
    const rated = rateAhead(call, deck);
    return isRatingRejection(rated) ? { rated: unpriced(deck.hash), supported: false } : { rated, supported: true };
  }

  #called({ called: raw, source }: AuthorizationBody, { country }: Payer): Called {
    const called = dialledNumber(raw, this.#numberPlan(source, country));
    const usable = called.e164 ?? (called.emergency ? raw : undefined);
    if (usable !== undefined) return { ...called, usable };
    const errors = [{ pointer: '#/called', detail: 'must be E.164, an emergency number, or as dialled at a source' }];
    throw problem('request-invalid', 'called must be E.164, an emergency number, or as dialled at a source.', { errors });
  }

  #numberPlan(source: string | undefined, country: string | null): NumberPlan {
    const { sources } = this.parts;
    const known = source === undefined ? undefined : sources.sources.get(source);
    if (source !== undefined && known === undefined) {
      throw problem('source-unknown', `No source is named ${source}; known are ${[...sources.sources.keys()].join(', ')}.`);
    }
    const own = known && sources.plans.get(known);
    if (own !== undefined) return own;
    const name = country ?? '';
    let plan = this.#numberPlans.get(name);
    // Without a source, digits are international: only emergency numbers are read as those of the account's country.
    if (plan === undefined) {
      plan = numberPlanOf({ ...DEFAULT_SOURCE, defaultCountry: country, plainDigits: 'international' });
      this.#numberPlans.set(name, plan);
    }
    return plan;
  }

  async #payer(tenant: string, nowMs: number): Promise<Payer> {
    const known = this.#payers.get(tenant);
    if (known !== undefined && nowMs - known.readAtMs < PAYER_FRESH_MS) return known;
    const payer = await this.accounts.opened(tenant, ({ currency, plans, terms }): Payer => ({
      currency,
      plans,
      country: terms.country,
      readAtMs: nowMs,
    }));
    this.#payers.delete(tenant);
    const [oldest] = this.#payers.keys();
    if (this.#payers.size >= MAX_PAYERS && oldest !== undefined) this.#payers.delete(oldest);
    this.#payers.set(tenant, payer);
    return payer;
  }

  async #execute(tenant: string, command: LedgerCommand): Promise<Result> {
    const result = await this.accounts.run(tenant, command);
    if (result.kind === 'recorded') failpoint('api.after-authorisation');
    return result;
  }

  /** Of what was just written the events tell; of a repeat, the account. */
  async #answer(tenant: string, sessionId: string, result: Result): Promise<AuthorizationAnswer> {
    if (result.kind === 'refused') throw refusedByLedger(result.refusal);
    if (result.kind === 'recorded') return answerOfEvents(result.events);
    const told = await this.accounts.query(tenant, (account) => answerOfAccount(account, sessionId, this.#nowMs()));
    if (told !== undefined) return told;
    throw refusedByLedger({ code: 'session-closed', reason: `session ${sessionId} has ended while it was asked about` });
  }

  #nowMs(): number {
    return this.parts.options.nowMs();
  }
}

/** A hold lasts from the presumed answer on: one a year ahead would hold credit for a year. */
function assertNear(presumedAnswerMs: number, nowMs: number): void {
  if (Math.abs(presumedAnswerMs - nowMs) <= MAX_FROM_NOW_MS) return;
  const detail = 'presumedAnswer must be within a day of now';
  throw problem('request-invalid', `${detail}.`, { errors: [{ pointer: '#/presumedAnswer', detail }] });
}

/** The last event tells the money: one that follows the grant may have moved it. */
function answerOfEvents(events: readonly LedgerEvent[]): AuthorizationAnswer {
  const granted = events.find(({ type }) => type === 'ReservationMade.v1' || type === 'ReservationExtended.v1');
  const last = events.at(-1);
  if (granted === undefined || last === undefined) throw new Error('an authorisation was recorded without a reservation');
  const { data } = granted as Extract<LedgerEvent, { type: 'ReservationMade.v1' | 'ReservationExtended.v1' }>;
  return {
    tenant: data.tenant,
    changed: true,
    ...grantOf({ ...data, deadlineMs: Date.parse(data.validUntil) }, Date.parse(data.recordedAt)),
    ...moneyOf(data.currency, last.data.balance, last.data.available),
  };
}

function answerOfAccount(account: Account, sessionId: string, nowMs: number): AuthorizationAnswer | undefined {
  const reservation = account.reservations.get(sessionId);
  if (reservation === undefined) return undefined;
  return {
    tenant: account.tenant,
    changed: false,
    ...grantOf({ ...reservation, amount: decimalOf(reservation.amountMicros) }, nowMs),
    ...moneyOf(account.currency, decimalOf(account.balanceMicros), decimalOf(availableOf(account))),
  };
}

type Granted = Pick<Reservation, 'sessionId' | 'grantedSeconds' | 'isFinal' | 'coverage' | 'pool' | 'deadlineMs'>;

function grantOf(granted: Granted & { readonly amount: string }, nowMs: number) {
  const { sessionId, grantedSeconds, isFinal, coverage, amount, pool, deadlineMs } = granted;
  return {
    sessionId,
    grantedSeconds,
    validitySeconds: Math.max(0, Math.floor((deadlineMs - nowMs) / 1000)),
    finalUnitIndication: isFinal ? ({ action: 'terminate' } as const) : null,
    coverage,
    held: { amount, poolSeconds: (pool?.heldMs ?? 0) / 1000 },
  };
}

function moneyOf(currency: string, balance: string, available: string) {
  return { currency, balance, reserved: decimalOf(microsOf(balance) - microsOf(available)), available };
}
