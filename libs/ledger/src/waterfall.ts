// Debit and reservation step's judge: who pays for a call, in the order of design 8, and the code it is refused with.
//
// The same function judges a request to authorise and a CDR: the first is refused, the second debited all the same and marked.

import type { Account } from './account.js';
import { creditsAreSoldIn, isInExtendedDialOut, isInZoneA } from './countries.js';
import { assignmentAt, policyAt, userAmong, type Assignment, type DialOutPolicy, type Licence } from './entitlements.js';
import { callingPool, CONFERENCING_POOL, monthOf, type PoolRef } from './pools.js';
import type { CallRefusalCode } from './rejections.js';

/** What of a call decides who pays, beyond its charge. */
export type CallTraits = {
  readonly direction: 'inbound' | 'outbound';
  /** Pseudonyms that the user may be known by; of a conference leg the organiser's. Empty when the record names none. */
  readonly users: readonly string[];
  /** ISO 3166 alpha-2 of the called number; null for numbers of no country. */
  readonly destinationCountry: string | null;
  /** False for a destination that the operator does not serve, or that no deck prices. */
  readonly supported: boolean;
};

export type JudgedCall = CallTraits & { readonly category: string; readonly atMs: number };

/** Who pays; what a pool cannot pay falls to the credit. */
export type Coverage =
  | { readonly kind: 'emergency' }
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'pool'; readonly pool: PoolRef }
  | { readonly kind: 'credit' };
export type CoverageKind = Coverage['kind'];

export type Judgement = {
  readonly coverage: Coverage;
  /** The call may not take place at all. */
  readonly refusal: CallRefusalCode | null;
  /** The credit may not pay for it, or for what a pool leaves of it. */
  readonly creditRefusal: CallRefusalCode | null;
  /** The credit must be above zero even where nothing is charged. */
  readonly needsCredit: boolean;
};

const EMERGENCY: Judgement = { coverage: { kind: 'emergency' }, refusal: null, creditRefusal: null, needsCredit: false };
const CONFERENCE_CATEGORIES: readonly string[] = ['conference-dial-out', 'call-me'];
const TOLL_FREE = 'toll-free-inbound';
const NEED_NO_CREDIT_LICENCE: readonly Licence[] = ['communications-credits', 'resource-account'];

/** emergency → policy → supported destination → toll-free or toll inbound → unlimited add-on → pools → licence and credit. */
export function judgeCall(call: JudgedCall, account: Account): Judgement {
  if (call.category === 'emergency') return EMERGENCY;
  const user = userAmong(account.entitlements, call.users);
  const assignment = user === undefined ? undefined : assignmentAt(account.entitlements, user, call.atMs);
  const country = assignment?.country ?? account.terms.country;
  const refusal = refusalOf(call, policyAt(account.entitlements, call.users, call.atMs), country);
  if (call.direction === 'inbound' || call.category === TOLL_FREE) {
    const creditRefusal = isUnsoldIn(country) ? 'NOT_AVAILABLE_IN_COUNTRY' : null;
    return { coverage: { kind: 'credit' }, refusal, creditRefusal, needsCredit: call.category === TOLL_FREE };
  }
  const coverage = coverageOf(call, assignment);
  const creditRefusal = coverage.kind === 'unlimited' ? null : creditRefusalOf(call, account, assignment, country);
  return { coverage, refusal, creditRefusal, needsCredit: false };
}

function refusalOf(call: JudgedCall, policy: DialOutPolicy, country: string | null): CallRefusalCode | null {
  const { direction, category, destinationCountry, supported } = call;
  const isDialled = direction === 'outbound' && category !== TOLL_FREE;
  if (isDialled && !allows(policy, country, destinationCountry)) return 'POLICY';
  return supported ? null : 'UNSUPPORTED_DESTINATION';
}

function allows(policy: DialOutPolicy, country: string | null, destination: string | null): boolean {
  switch (policy) {
    case 'any':
      return true;
    case 'none':
      return false;
    case 'same-country':
      return destination !== null && destination === country;
    case 'zone-a':
      return destination !== null && isInZoneA(destination);
  }
}

function coverageOf(call: JudgedCall, assignment: Assignment | undefined): Coverage {
  const { destinationCountry: destination, category, atMs } = call;
  if (assignment === undefined || destination === null) return { kind: 'credit' };
  const { licences, country } = assignment;
  const month = monthOf(atMs);
  if (CONFERENCE_CATEGORIES.includes(category)) {
    if (licences.includes('extended-dial-out') && isInExtendedDialOut(destination)) return { kind: 'unlimited' };
    if (!licences.includes('audio-conferencing') || !isInZoneA(destination)) return { kind: 'credit' };
    return { kind: 'pool', pool: { pool: CONFERENCING_POOL, month, meter: 'conferencing' } };
  }
  const meter = destination === country ? 'domestic' : 'international';
  const plan = licences.find((licence) => licence.startsWith('calling-plan-'));
  if (plan === undefined || (meter === 'international' && plan !== 'calling-plan-international')) return { kind: 'credit' };
  return { kind: 'pool', pool: { pool: callingPool(plan, country), month, meter } };
}

function creditRefusalOf(
  call: JudgedCall,
  { terms }: Account,
  assignment: Assignment | undefined,
  country: string | null,
): CallRefusalCode | null {
  if (isUnsoldIn(country)) return 'NOT_AVAILABLE_IN_COUNTRY';
  if (terms.licensing === 'off') return null;
  const held = assignment?.licences ?? [];
  const needed: readonly Licence[] = CONFERENCE_CATEGORIES.includes(call.category)
    ? [...NEED_NO_CREDIT_LICENCE, 'pay-per-minute-conferencing']
    : NEED_NO_CREDIT_LICENCE;
  return held.some((licence) => needed.includes(licence)) ? null : 'NO_LICENCE';
}

function isUnsoldIn(country: string | null): boolean {
  return country !== null && !creditsAreSoldIn(country);
}
