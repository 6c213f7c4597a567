// Step CDR, fingerprint: a `Cdr` in, a short hash of its content out. The account compares it when a CDR id comes again:
// the same content is a duplicate and does nothing, other content is a conflict and goes to the dead letters.
//
// It covers parsed fields only, so that white space, key order and URL-encoding change nothing; and only those that no
// setting touches (leg, direction, tenant and its hints, E.164), so that a corrected setting makes no conflicts. The tenant
// is part of the business key already. One setting does reach it: the timezone of records that write times without an offset.
import { hash } from 'node:crypto';
import type { Cdr } from './cdr.js';

/** A new list of fields is a new version: stored fingerprints are compared under the version they were made with. */
export const FINGERPRINT_VERSION = 1;

const FINGERPRINT_HEX_CHARS = 32;

/** `f1:` and 32 hexadecimal digits: 128 bits of SHA-256. */
export function fingerprintOf(cdr: Cdr): string {
  const content = JSON.stringify([
    cdr.id,
    cdr.callId,
    cdr.conferenceId,
    cdr.sessionId,
    cdr.callingNumber,
    cdr.calledNumber,
    cdr.category,
    cdr.setupTimeMs,
    cdr.answerTimeMs,
    cdr.endTimeMs,
    cdr.usageMs,
    cdr.switchUsage,
    cdr.userId,
    cdr.userPrincipalName,
    cdr.userDisplayName,
    cdr.userLocation,
    cdr.callType,
    cdr.numberType,
    cdr.domesticOrInternational,
    cdr.destinationName,
    cdr.capability,
    cdr.switchCharge,
    cdr.switchConnectionCharge,
    cdr.switchCurrency,
  ]);
  return `f${FINGERPRINT_VERSION}:${hash('sha256', content, 'hex').slice(0, FINGERPRINT_HEX_CHARS)}`;
}
