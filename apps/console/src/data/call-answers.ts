// What the API answers about calls, as the page reads it. Money is decimal text; usage is the one number of seconds.

export type Call = {
  readonly source: string;
  readonly id: string;
  readonly callId: string | null;
  readonly answeredAt: string;
  readonly usageSeconds: number;
  readonly billable: boolean;
  readonly category: string;
  readonly destination: string;
  readonly prefix: string;
  readonly called: string | null;
  readonly calling: string | null;
  readonly user: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly coverage: string;
  readonly poolSeconds: number;
  readonly unauthorised: string | null;
  readonly generation: number;
  readonly revision: number;
  readonly recordedAt: string;
};

export type CallsPage = {
  readonly calls: readonly Call[];
  readonly next: string | null;
  /** A search by number or user looked no further back than this. */
  readonly searchedBackTo: string | null;
};

export type Segment = {
  readonly fromSecond: number;
  readonly seconds: number;
  readonly incrementSeconds: number;
  readonly rate: string;
  readonly rateUnitSeconds: number;
  readonly row: number;
  readonly amount: string;
  readonly sum: string;
};

export type Pricing = {
  readonly category: string;
  readonly destination: string;
  readonly prefix: string;
  readonly currency: string;
  readonly billedUsageSeconds: number;
  readonly segments: readonly Segment[];
  readonly connectFee: string;
  readonly gross: string;
  readonly maxCost: { readonly amount: string; readonly strategy: string } | null;
  readonly rounding: string;
  readonly decimals: number;
  readonly amount: string;
};

export type PoolUse = {
  readonly pool: string;
  readonly meter: string;
  readonly month: string;
  readonly usedMs: number;
  readonly remainingMs: number;
  readonly capMs: number;
};

/** A part is null where the event has none of it: a call that does not bill has no price. */
export type Explanation = {
  readonly tenant: string;
  readonly source: string;
  readonly id: string;
  readonly revision: number;
  readonly eventId: string;
  /** Of the event in the chain. */
  readonly hash: string;
  readonly previousHash: string;
  readonly generation: number;
  readonly answeredAt: string;
  readonly recordedAt: string;
  /** What happened, in English sentences. */
  readonly summary: readonly string[];
  readonly raw: {
    readonly sha256: string;
    readonly origin: Readonly<Record<string, string | number>>;
    readonly text: string | null;
    /** Null for everybody but the operator. */
    readonly kept: boolean | null;
    readonly matches: boolean | null;
  };
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly tenantRule: string;
  readonly deck: {
    readonly hash: string;
    readonly plan: string;
    /** Names of the columns of the rows. */
    readonly header: string;
    readonly row: readonly { readonly row: number; readonly csv: string }[];
    readonly activeFrom: string | null;
  } | null;
  readonly pricing: Pricing | null;
  readonly coverage: {
    readonly kind: string;
    readonly pool: PoolUse | null;
    /** What the pool left for the credit to pay. */
    readonly rest: { readonly fromSecond: number; readonly billedUsageSeconds: number; readonly amount: string } | null;
    readonly unauthorised: string | null;
  } | null;
  readonly lots: readonly { readonly lotId: string; readonly amount: string }[];
  readonly overdraft: string;
  readonly posting: { readonly amount: string; readonly debit: string; readonly credit: string } | null;
  readonly balanceBefore: string;
  readonly balanceAfter: string;
  readonly availableAfter: string;
  readonly history: readonly {
    readonly revision: number;
    readonly type: string;
    readonly generation: number;
    readonly amount: string;
    readonly recordedAt: string;
  }[];
  readonly sum: {
    readonly lines: readonly string[];
    readonly redone: string;
    readonly recorded: string;
    readonly agrees: boolean;
  } | null;
  /** What does not agree, in English sentences; empty is what it should be. */
  readonly faults: readonly string[];
};
