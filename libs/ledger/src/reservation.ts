// A call in progress, as its account holds credit and included minutes for it; from the grant to the CDR, or until it runs out.

import type { Timeline } from '@tollkeeper/charge';
import type { PoolHold } from './fact.js';
import type { CallRefusalCode } from './rejections.js';
import type { CoverageKind } from './waterfall.js';

export type Reservation = {
  readonly sessionId: string;
  readonly fingerprint: string;
  /**
   * `open` while the call goes on; `terminated` when it has ended and its CDR is awaited; `lapsed` when the hold has run out, kept
   * without any hold for a while so that a late CDR is known to have been authorised.
   */
  readonly status: 'open' | 'terminated' | 'lapsed';
  readonly amountMicros: bigint;
  readonly pool: PoolHold | null;
  readonly coverage: CoverageKind;
  /** Why the credit may not go on where the pool ends. */
  readonly creditRefusal: CallRefusalCode | null;
  readonly category: string;
  readonly presumedAnswerMs: number;
  /** From the presumed answer. */
  readonly grantedSeconds: number;
  readonly usedSeconds: number;
  readonly isFinal: boolean;
  readonly timeline: Timeline;
  /** From the presumed answer; Infinity where the deck prices them all. */
  readonly ratedSeconds: number;
  /** When the hold runs out, or a lapsed one is forgotten. */
  readonly deadlineMs: number;
};
