// Rate step, joined to the debit step: a prepared CDR, its tenant's plan and the rate deck → the ledger's command, or a rejection.

import type { CdrOrigin, DebitCall, JsonObject, RecordCallNotBillable } from '@tollkeeper/ledger';
import { isRatingRejection, rate, type Deck, type PreparedCdr, type RatingRejection } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';

/** A CDR whose tenant is known, with the bytes' digest and the first place it was seen at. */
export type IdentifiedCdr = {
  readonly prepared: PreparedCdr;
  readonly tenant: string;
  readonly rawSha256: string;
  readonly origin: CdrOrigin;
};

export type Tariff = { readonly plan: string; readonly currency: string };

/** Rerating will write further generations of a CDR; what a switch sends is the first. */
const FIRST_GENERATION = 0;
const DEFAULT_CATEGORY = { inbound: 'inbound', outbound: 'outbound' } as const;

export function commandOf(
  identified: IdentifiedCdr,
  tariff: Tariff,
  deck: Deck,
  ring: KeyRing,
  nowMs: number,
): DebitCall | RecordCallNotBillable | RatingRejection {
  const { cdr, called } = identified.prepared;
  const facts = factsOf(identified);
  if (cdr.notBillable !== null) {
    return { kind: 'record-call-not-billable', nowMs, cdr: facts, parties: partiesOf(identified, ring), reason: cdr.notBillable };
  }
  const charge = rate(
    {
      plan: tariff.plan,
      currency: tariff.currency,
      category: cdr.category ?? DEFAULT_CATEGORY[cdr.direction ?? 'outbound'],
      calledNumber: called.e164 ?? cdr.calledNumber,
      answerTimeMs: cdr.answerTimeMs ?? instantOf(identified),
      usageMs: cdr.usageMs,
      emergency: called.emergency,
    },
    deck,
  );
  if (isRatingRejection(charge)) return charge;
  return { kind: 'debit-call', nowMs, cdr: facts, charge, parties: partiesOf(identified, ring), report: reportOf(identified) };
}

/** Month, UTC, of the key that seals the call's persons: that of the instant the call counts at. */
export function sealingMonthOf(identified: IdentifiedCdr): string {
  return new Date(instantOf(identified)).toISOString().slice(0, 7);
}

function instantOf({ prepared: { cdr } }: IdentifiedCdr): number {
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

/** What the usage report needs beyond the call's facts and its charge, and that names nobody. */
function reportOf({ prepared: { cdr } }: IdentifiedCdr): JsonObject {
  return {
    callType: cdr.callType,
    capability: cdr.capability,
    destinationName: cdr.destinationName,
    direction: cdr.direction,
    domesticOrInternational: cdr.domesticOrInternational,
    numberType: cdr.numberType,
    switchCharge: cdr.switchCharge,
    switchConnectionCharge: cdr.switchConnectionCharge,
    switchCurrency: cdr.switchCurrency,
    userLocation: cdr.userLocation,
  };
}
