// Rate step, joined to the debit step: a prepared CDR, its tenant's tariff and the rate decks → the ledger's command, or a rejection.

import type { Charge } from '@tollkeeper/charge';
import type { CallTraits, CdrOrigin, DebitCall, JsonObject, RecordCallNotBillable } from '@tollkeeper/ledger';
import { pseudonymOf } from '@tollkeeper/people';
import {
  destinationCountry,
  emergencyCharge,
  freeCharge,
  isRatingRejection,
  rate,
  type Deck,
  type PreparedCdr,
  type RatableCall,
  type RatingRejection,
} from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';

/** A CDR whose tenant is known, with the bytes' digest and the first place it was seen at. */
export type IdentifiedCdr = {
  readonly prepared: PreparedCdr;
  readonly tenant: string;
  readonly rawSha256: string;
  readonly origin: CdrOrigin;
};

/** What an account says of how its calls are priced. */
export type Tariff = { readonly currency: string; readonly planAt: (atMs: number) => string };

/** What becomes of a call that no row prices: put aside as a dead letter, or recorded at no cost as a `FREECALL`. */
export const UNRATED_CALLS = ['dead-letter', 'free'] as const;
export type UnratedCalls = (typeof UNRATED_CALLS)[number];

export type Pricing = {
  readonly tariff: Tariff;
  /** The plan's deck that was active at an instant, or why there is none to rate by. */
  readonly deckAt: (plan: string, atMs: number) => Deck | RatingRejection;
  readonly unratedCalls: UnratedCalls;
};

/** What a switch sends is the first generation of a CDR; rerating writes the others. */
const FIRST_GENERATION = 0;
const DEFAULT_CATEGORY = { inbound: 'inbound', outbound: 'outbound' } as const;
/** In the report's column Capability: a call that was given free because it could not be rated. */
const FREE_CALL = 'FREECALL';

export function commandOf(
  identified: IdentifiedCdr,
  pricing: Pricing,
  ring: KeyRing,
  nowMs: number,
): DebitCall | RecordCallNotBillable | RatingRejection {
  const { notBillable } = identified.prepared.cdr;
  const facts = factsOf(identified);
  if (notBillable !== null) {
    return { kind: 'record-call-not-billable', nowMs, cdr: facts, parties: partiesOf(identified, ring), reason: notBillable };
  }
  const rated = chargeOf(identified, pricing);
  if (isRatingRejection(rated)) return rated;
  const report = rated.isGiven ? { ...reportOf(identified), capability: FREE_CALL } : reportOf(identified);
  const traits = traitsOf(identified, rated, ring);
  return { kind: 'debit-call', nowMs, cdr: facts, charge: rated.charge, parties: partiesOf(identified, ring), report, traits };
}

/** What the account judges by who pays. A call that was given free because no row prices it has an unsupported destination. */
function traitsOf({ prepared, tenant }: IdentifiedCdr, { charge, isGiven }: Rated, ring: KeyRing): CallTraits {
  const { cdr, called } = prepared;
  return {
    destinationCountry: countryOf(called.e164),
    direction: cdr.direction ?? (charge.category.includes('inbound') ? 'inbound' : 'outbound'),
    supported: !isGiven,
    users: identitiesIn(prepared)
      .map((name) => pseudonymOf(ring, tenant, name))
      .filter((user) => user !== undefined),
  };
}

/** Names that the user may hold licences under, the id before the principal name. */
export function identitiesIn({ cdr }: PreparedCdr): readonly string[] {
  return [cdr.userId, cdr.userPrincipalName].filter((name) => name !== null);
}

type Rated = { readonly charge: Charge; readonly isGiven: boolean };

/** Free is only what a deck has no rate for: without a deck, everything would be. */
function chargeOf(identified: IdentifiedCdr, { tariff, deckAt, unratedCalls }: Pricing): Rated | RatingRejection {
  const call = ratableCall(identified, tariff);
  const deck = deckAt(call.plan, call.answerTimeMs);
  if ('code' in deck) return call.emergency === true ? { charge: emergencyCharge(call, ''), isGiven: false } : deck;
  const charge = rate(call, deck);
  if (!isRatingRejection(charge)) return { charge, isGiven: false };
  return unratedCalls === 'free' ? { charge: freeCharge(call, deck.hash, 'Not rated'), isGiven: true } : charge;
}

function ratableCall({ prepared }: IdentifiedCdr, { currency, planAt }: Tariff): RatableCall {
  const { cdr, called } = prepared;
  const answerTimeMs = instantOf(prepared);
  return {
    plan: planAt(answerTimeMs),
    currency,
    category: cdr.category ?? DEFAULT_CATEGORY[cdr.direction ?? 'outbound'],
    calledNumber: called.e164 ?? cdr.calledNumber,
    answerTimeMs,
    usageMs: cdr.usageMs,
    emergency: called.emergency,
  };
}

/** Month, UTC, of the key that seals the call's persons: that of the instant the call counts at. */
export function sealingMonthOf(identified: IdentifiedCdr): string {
  return new Date(instantOf(identified.prepared)).toISOString().slice(0, 7);
}

/** The instant the call counts at: its answer, or for one never answered its setup, else its end. */
export function instantOf({ cdr }: PreparedCdr): number {
  return cdr.answerTimeMs ?? cdr.setupTimeMs ?? cdr.endTimeMs ?? 0;
}

function factsOf({ prepared, rawSha256, origin }: IdentifiedCdr): DebitCall['cdr'] {
  const { cdr, source, fingerprint, mappingRule } = prepared;
  return {
    answerTime: isoOf(cdr.answerTimeMs),
    callId: cdr.callId,
    conferenceId: cdr.conferenceId,
    endTime: isoOf(cdr.endTimeMs),
    fingerprint,
    format: cdr.format,
    generation: FIRST_GENERATION,
    id: cdr.id,
    origin,
    parserVersion: cdr.parserVersion,
    rawSha256,
    sessionId: cdr.sessionId,
    setupTime: isoOf(cdr.setupTimeMs),
    source,
    switchUsage: cdr.switchUsage,
    tenantRule: mappingRule ?? '',
    usageMs: cdr.usageMs,
  };
}

function isoOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** Everything that names a person, as one sealed text. */
function partiesOf(identified: IdentifiedCdr, ring: KeyRing): string {
  const { cdr, calling, called, source } = identified.prepared;
  const parties = {
    called: called.e164 ?? cdr.calledNumber,
    calling: calling.e164 ?? cdr.callingNumber,
    userDisplayName: cdr.userDisplayName,
    userId: cdr.userId,
    userPrincipalName: cdr.userPrincipalName,
  };
  return ring.seal(identified.tenant, sealingMonthOf(identified), `${source}\u0000${cdr.id}`, parties);
}

/** What the usage report needs beyond the call's facts and its charge, and that names nobody: so it is there when they are erased. */
function reportOf({ prepared: { called, calling, cdr } }: IdentifiedCdr): JsonObject {
  return {
    callType: cdr.callType,
    callingCountry: countryOf(calling.e164),
    capability: cdr.capability,
    destinationCountry: countryOf(called.e164),
    destinationName: cdr.destinationName,
    direction: cdr.direction,
    domesticOrInternational: cdr.domesticOrInternational,
    namesUser: cdr.userId !== null || cdr.userPrincipalName !== null,
    numberType: cdr.numberType,
    switchCharge: cdr.switchCharge,
    switchConnectionCharge: cdr.switchConnectionCharge,
    switchCurrency: cdr.switchCurrency,
    userLocation: cdr.userLocation,
  };
}

function countryOf(e164: string | null): string | null {
  return e164 === null ? null : destinationCountry(e164);
}
