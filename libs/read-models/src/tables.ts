// Where read models stand: the rows of each table, alike on SQLite and PostgreSQL.

import type {
  BalanceDayRow,
  BalanceRow,
  CallRow,
  LowBalanceAlert,
  LowBalanceRow,
  RechargeRow,
  StretchRow,
  UsageDayRow,
  UserRow,
} from '@tollkeeper/projections';

/** A tenant whose events a read model could not fold: its rows stand still until a rebuild. */
export type SetAsideRow = {
  readonly model: string;
  readonly tenant: string;
  readonly revision: number;
  readonly reason: string;
};

/** A message that was put aside, once however often it was sent. */
export type DeadLetterRow = {
  /** Topic, partition and offset of the original. */
  readonly letter_id: string;
  /** The message's key, which is the tenant where one was known. */
  readonly message_key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly put_aside_at: string;
};

/** The last rebuild of a read model, for whoever watches it. */
export type RebuildRow = {
  readonly name: string;
  /** Which rebuild wrote it: one that was taken for dead writes nothing more. */
  readonly run_id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Events folded so far. */
  readonly events: number;
  /** Where it stands, and where the live rows stood when it began; positions in the event store. */
  readonly position: string;
  readonly target: string;
  readonly started_at: string;
  /** Last sign of life; one that has given none for `REBUILD_LEASE_MS` has died. */
  readonly updated_at: string;
  readonly finished_at: string | null;
  readonly error: string | null;
};

/** A run of `verify`: the newest row is what the console shows. */
export type VerificationRow = {
  readonly verification_id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Null: of all tenants. */
  readonly tenant: string | null;
  readonly started_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
  /** JSON: each check with how many were checked and how many differ. */
  readonly checks: string;
  readonly error: string | null;
};

export type Tables = {
  readonly balance: BalanceRow;
  readonly low_balance: LowBalanceRow;
  readonly low_balance_alert: LowBalanceAlert;
  readonly auto_recharge: RechargeRow;
  readonly tenant_user: UserRow;
  readonly usage_day: UsageDayRow;
  readonly call: CallRow;
  readonly balance_day: BalanceDayRow;
  readonly ledger_stretch: StretchRow;
  readonly set_aside: SetAsideRow;
  readonly dead_letter: DeadLetterRow;
  readonly read_model_rebuild: RebuildRow;
  readonly verification: VerificationRow;
};
