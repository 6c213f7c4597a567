// Ledger's vocabulary of calls: what a CDR said, what it was debited with, and a debit turned round.

import type { JsonObject } from './canonical-json.js';
import type { Amount, Common, Instant, LotUse, OpenedLot, PoolUse, Posting, Release } from './fact.js';
import type { CallRefusalCode } from './rejections.js';
import type { CoverageKind } from './waterfall.js';
import type { RestRecord } from '@tollkeeper/charge';

/** Where a CDR came from: the first place it was seen at. */
export type CdrOrigin =
  | { readonly kind: 'bus'; readonly offset: string; readonly partition: number; readonly topic: string }
  | { readonly kind: 'file'; readonly name: string; readonly record: number }
  | { readonly kind: 'http'; readonly record: number; readonly requestId: string };

/** Who sent the CDR and what it said, as far as it names nobody. */
export type CdrFacts = {
  readonly answerTime: Instant | null;
  readonly callId: string | null;
  readonly conferenceId: string | null;
  readonly endTime: Instant | null;
  /** Digest of the parsed fields (never raw bytes, deck or settings), led by the version of the list of fields. */
  readonly fingerprint: string;
  readonly format: string;
  /** 0 for the CDR itself, one more for each time it is rerated. */
  readonly generation: number;
  readonly id: string;
  readonly origin: CdrOrigin;
  readonly parserVersion: number;
  /** SHA-256 of the bytes as they came, hexadecimal. */
  readonly rawSha256: string;
  readonly sessionId: string | null;
  readonly setupTime: Instant | null;
  readonly source: string;
  /** The switch's own figure for the duration, as it wrote it. */
  readonly switchUsage: string | null;
  /** The mapping rule that named the tenant. */
  readonly tenantRule: string;
  readonly usageMs: number;
};

export type CallDebited = Common & {
  /** At least 0: a call paid from a pool, a free and an emergency call are facts too. */
  readonly amount: Amount;
  readonly cdr: CdrFacts;
  /** The priced timeline: plan, category, prefix, deck, rows, segments, rounding, connect fee, gross. */
  readonly charge: JsonObject;
  readonly currency: string;
  readonly lots: readonly LotUse[];
  /** The part that no lot could pay. */
  readonly overdraft: Amount;
  /** Who pays, by the waterfall; absent in events written before there was one, which the credit paid. */
  readonly coverage?: CoverageKind;
  /** Calling and called number, user and display name, sealed; only the key ring can open it. */
  readonly parties: string;
  readonly pool: PoolUse | null;
  /** Null when the amount is zero. */
  readonly posting: Posting | null;
  /** What the call's reservation held, when there was one that no CDR had settled yet. */
  readonly releases?: Release | null;
  /** Revision of the debit that this one replaces, whose reversal stands right before it; null for a CDR's first debit. */
  readonly replaces: number | null;
  /** The other inputs of the usage report's 20 columns, null when unknown. */
  readonly report: JsonObject;
  /** What the pool did not pay, priced from where it ended; null when the pool paid all or nothing. */
  readonly rest?: RestRecord | null;
  /** The code an authorisation would have refused the call with; a CDR debits all the same. */
  readonly unauthorised: CallRefusalCode | null;
};

/** A debit turned round: its money is back where it came from, and the debit that replaces it follows in the same append. */
export type CallReversed = Common & {
  /** That of the reversed debit. */
  readonly amount: Amount;
  readonly author: string;
  /** The reversed debit's key. */
  readonly cdr: Pick<CdrFacts, 'generation' | 'id' | 'source'>;
  readonly currency: string;
  /** Lots that got back what they had paid, soonest expiry first; one that was drawn empty is open again. */
  readonly lots: readonly OpenedLot[];
  /** For what belongs to lots that have expired since, and for overdraft that a purchase has repaid: a lot of full term. */
  readonly newLot: OpenedLot | null;
  /** Overdraft that stood at the reversal takes the money first. */
  readonly overdraftRepaid: Amount;
  /** What the reversed debit had used of a pool, and is there again. */
  readonly pool?: PoolUse | null;
  readonly posting: Posting | null;
  readonly reason: 'rerate';
  readonly rerateId: string;
  readonly reversedRevision: number;
};

/** A call that took place and costs nothing by its nature: it is taken down, so that every CDR is accounted for. */
export type CallNotBillable = Common & { readonly cdr: CdrFacts; readonly parties: string; readonly reason: string };
