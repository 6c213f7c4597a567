// Explanation, its shape: one call from the bytes that came in to the money that went out, as the API and `--json` give it. Money is
// decimal text in the account's currency. A part is null where the event has none of it: a call that does not bill has no price.

import type { CallDebited, CdrOrigin } from '@tollkeeper/ledger';

export type Explanation = {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
  /** Of the event that stands for the call: its last debit, or the one that takes it down as not billable. */
  readonly revision: number;
  readonly eventId: string;
  readonly hash: string;
  readonly previousHash: string;
  readonly generation: number;
  readonly answeredAt: string;
  readonly recordedAt: string;
  /** What happened, in sentences. */
  readonly summary: readonly string[];
  readonly raw: ExplainedRaw;
  readonly fields: readonly Field[];
  readonly tenantRule: string;
  readonly deck: ExplainedDeck | null;
  readonly pricing: Pricing | null;
  readonly coverage:
    | (Pick<CallDebited, 'unauthorised'> & {
        readonly kind: string;
        readonly pool: CallDebited['pool'];
        readonly rest: NonNullable<CallDebited['rest']> | null;
      })
    | null;
  readonly lots: CallDebited['lots'];
  readonly overdraft: string;
  readonly posting: CallDebited['posting'];
  readonly balanceBefore: string;
  readonly balanceAfter: string;
  readonly availableAfter: string;
  /** Every event of the call, the oldest first. */
  readonly history: readonly PastEvent[];
  readonly sum: Sum | null;
  /** What does not agree, each in a sentence; empty is what it should be. */
  readonly faults: readonly string[];
};

export type ExplainedRaw = {
  /** Of the whole message, which may have held other CDRs as well. */
  readonly sha256: string;
  readonly origin: CdrOrigin;
  readonly text: string | null;
  readonly kept: boolean;
  /** Whether what is kept is what was recorded; null where nothing is kept. */
  readonly matches: boolean | null;
};

export type Field = { readonly name: string; readonly value: string };

export type ExplainedDeck = {
  readonly hash: string;
  readonly plan: string;
  /** Names of the columns of the rows. */
  readonly header: string;
  readonly row: readonly { readonly row: number; readonly csv: string }[];
  /** When the version had become the active one for the call; null where another was active then. */
  readonly activeFrom: string | null;
};

export type PricedSegment = {
  readonly fromSecond: number;
  readonly seconds: number;
  readonly incrementSeconds: number;
  readonly rate: string;
  readonly rateUnitSeconds: number;
  readonly row: number;
  /** Exactly: a decimal, or a fraction. */
  readonly amount: string;
  readonly sum: string;
};

export type Pricing = {
  readonly category: string;
  readonly destination: string;
  readonly prefix: string;
  readonly currency: string;
  readonly billedUsageSeconds: number;
  readonly segments: readonly PricedSegment[];
  readonly connectFee: string;
  readonly gross: string;
  readonly maxCost: { readonly amount: string; readonly strategy: string } | null;
  readonly rounding: string;
  readonly decimals: number;
  readonly amount: string;
};

export type PastEvent = {
  readonly revision: number;
  readonly type: string;
  readonly generation: number;
  readonly amount: string;
  readonly recordedAt: string;
};

export type Sum = {
  readonly lines: readonly string[];
  readonly redone: string;
  readonly recorded: string;
  readonly agrees: boolean;
};
