// Crash test's evidence: what stood in the engines after the run, raw, as the oracle reads it. No type of the product here.

/** The fields of a ledger event's data that the oracle looks at; which of them are there depends on the type. */
export type Fact = {
  readonly tenant: string;
  readonly balance: string;
  readonly available: string;
  readonly recordedAt: string;
  readonly effectiveAt: string;
  readonly currency?: string;
  readonly plan?: string;
  readonly amount?: string;
  readonly cdr?: {
    readonly id: string;
    readonly source: string;
    readonly generation: number;
    readonly rawSha256: string;
    readonly sessionId?: string | null;
  };
  readonly purchaseId?: string;
  readonly origin?: { readonly kind: string; readonly paymentReference?: string; readonly rechargeId?: string };
  readonly threshold?: string | null;
  readonly policy?: { readonly trigger: string; readonly amount: string } | null;
  readonly rechargeId?: string;
  readonly cause?: string;
  readonly attempt?: number;
  readonly code?: string;
  readonly retryAt?: string;
  readonly paymentReference?: string;
  readonly autoRechargeSuspended?: boolean;
  /** Of a call in progress, and of the CDR that settles it. */
  readonly sessionId?: string;
  readonly releases?: object | null;
};

export type StoredEvent = {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: Fact;
  readonly metadata: { readonly hash?: string; readonly previousHash?: string };
};

export type SeenMessage = {
  /** Topic, partition and offset. */
  readonly place: string;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type SeenPayment = {
  readonly key: string;
  readonly tenant: string;
  readonly rechargeId: string;
  readonly attempt: number;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
  readonly paymentReference?: string;
};

/** A row of a read model; numbers may come as text. */
export type SeenRow = Readonly<Record<string, unknown>>;

export const TABLES = ['balance', 'low_balance', 'low_balance_alert', 'auto_recharge', 'dead_letter', 'set_aside'] as const;
export type TableName = (typeof TABLES)[number];

export type Observed = {
  /** Those of each stream in order of revision. */
  readonly events: readonly StoredEvent[];
  readonly rows: Readonly<Record<TableName, readonly SeenRow[]>>;
  readonly cdrs: readonly SeenMessage[];
  readonly deadLetters: readonly SeenMessage[];
  readonly balanceEvents: readonly SeenMessage[];
  readonly alerts: readonly SeenMessage[];
  readonly rechargeCommands: readonly SeenMessage[];
  readonly payments: readonly SeenPayment[];
};

export const FINDING_KINDS = [
  'lost', // a planned CDR or purchase that stands nowhere
  'double', // recorded or credited more than once
  'unexpected', // recorded, and nobody asked for it
  'wrong-amount', // not what the reference says
  'gap', // a revision that is missing or stands twice
  'balance-step', // balance before and after do not differ by the amount
  'chain', // a hash or an id that does not follow from the event and its predecessor
  'dead-letter', // missing, with another code, or of a good CDR
  'row', // a read model that is not what a replay gives
  'not-published', // an event that subscribers were never told of
  'published', // something that subscribers were told and that is not so
  'recharge', // missing, two at once, or left open
  'second-payment', // money taken twice for one recharge
  'not-credited', // money taken and not on the account, or the other way round
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];
export type Finding = { readonly kind: FindingKind; readonly what: string };
