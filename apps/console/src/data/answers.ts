// What the API answers about accounts, as the page reads it. Money is decimal text, instants are ISO 8601 in UTC.

export type Lot = { readonly lotId: string; readonly remaining: string; readonly expiresAt: string };

export type BalanceRow = {
  readonly tenant: string;
  readonly currency: string;
  readonly plan: string;
  readonly balance: string;
  readonly available: string;
  readonly callsDebited: number;
  readonly callsNotBillable: number;
  readonly debited: string;
  readonly alertThreshold: string | null;
  readonly recordedAt: string;
};

export type TenantsPage = { readonly tenants: readonly BalanceRow[]; readonly next: string | null };

export type Meter = {
  readonly meter: string;
  readonly capSeconds: number;
  readonly usedSeconds: number;
  readonly heldSeconds: number;
  readonly remainingSeconds: number;
};

export type Pool = {
  readonly licence: string;
  readonly country: string | null;
  readonly licences: number;
  readonly meters: readonly Meter[];
};

export type AutoRecharge = {
  readonly trigger: string;
  readonly amount: string;
  readonly target: string | null;
  readonly maxPerHour: string | null;
  readonly maxPerMonth: string | null;
  readonly suspended: boolean;
  readonly failuresInRow: number;
  readonly underWay: string | null;
  readonly nextPossibleAt: string | null;
};

export type Alarm = { readonly alarm: string; readonly detail: string };

export type Credit = {
  readonly tenant: string;
  readonly currency: string;
  readonly balance: string;
  readonly reserved: string;
  readonly available: string;
  readonly overdraft: string;
  readonly lots: readonly Lot[];
  readonly nextExpiry: string | null;
  readonly openReservations: number;
  readonly month: string;
  readonly pools: readonly Pool[];
  readonly autoRecharge: AutoRecharge | null;
  readonly alarms: readonly Alarm[];
  readonly revision: number;
};

export type HistoryDay = {
  readonly day: string;
  readonly balance: string;
  readonly available: string;
  readonly lowestAvailable: string;
};

export type History = {
  readonly currency: string;
  readonly trigger: string | null;
  readonly days: readonly HistoryDay[];
  readonly pace: { readonly perDay: string; readonly overDays: number; readonly runsOutOn: string | null };
};

export type Advice = {
  readonly tooEarly: boolean;
  readonly from?: string;
  readonly trigger?: string;
  readonly amount?: string;
  readonly basis?: { readonly from: string; readonly to: string; readonly spent: string; readonly meanMonth: string };
};

/** One event of the live balance. */
export type BalanceMessage = {
  readonly balance: string;
  readonly available: string;
  readonly amount: string;
  readonly cause: string;
  readonly cdrId: string | null;
  readonly revision: number;
};

export type WriteAnswer = {
  readonly changed: boolean;
  readonly revision: number;
  readonly balance: string;
  readonly available: string;
};

export type PurchaseAnswer = WriteAnswer & { readonly purchaseId: string; readonly status: 'credited' | 'requested' };

export type Purchase = {
  readonly purchaseId: string;
  readonly status: 'open' | 'succeeded' | 'failed';
  readonly amount: string;
  readonly currency: string;
  readonly lastCode: string | null;
};

export type Recharge = {
  readonly rechargeId: string;
  readonly cause: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly retryAt: string | null;
  readonly paymentReference: string | null;
  readonly requestedAt: string;
};

export type RechargesPage = { readonly recharges: readonly Recharge[]; readonly next: string | null };

export type Held = { readonly country: string; readonly licences: readonly string[]; readonly from: string };
export type Policies = {
  readonly now: string | null;
  readonly later: readonly { readonly policy: string; readonly from: string }[];
};
export type User = {
  readonly user: string | null;
  readonly pseudonym: string;
  readonly now: Held | null;
  readonly later: readonly Held[];
  readonly policy: Policies;
};
export type UsersPage = { readonly policy: Policies; readonly users: readonly User[]; readonly next: string | null };
export type LicencesAnswer = {
  readonly rows: number;
  readonly assigned: number;
  readonly unchanged: number;
  readonly skipped: number;
};
