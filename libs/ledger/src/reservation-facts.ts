// Ledger's vocabulary of calls in progress: what is held for them, from the grant to the CDR or until it runs out.

import type { Amount, Common, Instant, PoolHold, Release } from './fact.js';
import type { CallRefusalCode } from './rejections.js';
import type { CoverageKind } from './waterfall.js';
import type { TimelineRecord } from '@tollkeeper/charge';

/** A call may take place: credit and included minutes are held for it, priced by the timeline from the presumed answer. */
export type ReservationMade = Common & {
  /** Credit held. */
  readonly amount: Amount;
  readonly category: string;
  readonly coverage: CoverageKind;
  /** Why the credit may not pay where the pool ends. */
  readonly creditRefusal: CallRefusalCode | null;
  readonly currency: string;
  readonly deckHash: string;
  readonly destination: string;
  /** Digest of what was asked, so that a repeat can be told from another request under the same id. */
  readonly fingerprint: string;
  /** From the presumed answer, whole increments. */
  readonly grantedSeconds: number;
  /** No more would be granted after this. */
  readonly isFinal: boolean;
  readonly parties: string;
  readonly plan: string;
  readonly pool: PoolHold | null;
  readonly prefix: string;
  readonly presumedAnswer: Instant;
  /** Seconds from answer that the deck prices, beyond which nothing is granted; null or absent where it prices them all. */
  readonly ratedSeconds?: number | null;
  readonly sessionId: string;
  readonly timeline: TimelineRecord;
  /** Without an update until then, the hold ends. */
  readonly validUntil: Instant;
};

/** The hold after it, not the difference. */
export type ReservationExtended = Common & {
  readonly amount: Amount;
  readonly coverage: CoverageKind;
  readonly currency: string;
  readonly grantedSeconds: number;
  readonly isFinal: boolean;
  readonly pool: PoolHold | null;
  readonly sessionId: string;
  readonly usedSeconds: number;
  readonly validUntil: Instant;
};

/** The call has ended: what it used stays held until its CDR comes, or until `settleBy`. */
export type ReservationTerminated = Common & {
  readonly amount: Amount;
  readonly pool: PoolHold | null;
  readonly sessionId: string;
  readonly settleBy: Instant;
  readonly usedSeconds: number;
};

/** Neither an update nor the CDR has come in time: what was held is free. A CDR that comes later debits all the same. */
export type ReservationExpired = Common & { readonly releases: Release; readonly sessionId: string };
