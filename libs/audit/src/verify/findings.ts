// Proof's result as it grows: what the checks find comes in; lines with how many were checked and how many differ, and the first
// differences, go out.

import { STREAM_PREFIX, tenantOf } from '@tollkeeper/ledger';

/** In the order in which they are told. `projection …` stands for one line for each read model. */
export const CHECK_NAMES = [
  'hash chain', // each event is what was written, at its place, behind its predecessor
  'checkpoint', // the history still is the one of a checkpoint saved before
  'rate decks', // each version's rows hash to its name, each import and activation is what was written
  'balances', // balance after = before ± amount, available = balance less holds, lots and overdraft add up
  'trial balance', // debits = credits, and the tenants' account is the sum of their balances
  'months', // the books of each month are the sums of its events
  'pools', // by the tenant's plan, by included minutes that were there, free only where a call may be
  'recharges', // one recharge for a crossing, one purchase for a recharge that was paid
  'payments', // the gateway's own list holds the same payments
  'calls', // each record of a call stands once, and one that was rerated in place of the one before
  'charges', // each debit, rated again
  'projections', // each read model equals a replay
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** `projection balance` is a line of `projections`, every other line is a check of its own. */
export function checkOf(line: string): CheckName {
  return line.startsWith('projection ') ? 'projections' : (line as CheckName);
}

export type CheckLine = {
  /** A `CheckName`, or `projection balance` and the like. */
  readonly name: string;
  readonly checked: number;
  readonly differ: number;
  /** Why nothing was checked, and what to do about it. */
  readonly notChecked?: string;
  /** What is no difference and yet worth knowing. */
  readonly remarks: readonly string[];
};

export type LedgerDifference = {
  readonly check: string;
  readonly tenant: string | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly found: string;
  readonly advice: string;
};

export type Place = { readonly stream: string; readonly revision: number | null };

/** Of each line: enough to see what is wrong, few enough for a page. */
const MAX_LISTED = 20;
const MAX_REMARKS = 10;

export class Line {
  checked = 0;
  differ = 0;
  notChecked: string | undefined;
  readonly differences: LedgerDifference[] = [];
  readonly remarks: string[] = [];

  constructor(
    readonly name: string,
    private readonly advice: string,
  ) {}

  /** One thing that was checked and is not as it should be, at its place, whatever is wrong with it. */
  differs({ stream, revision }: Place, found: string, advice = this.advice): void {
    this.differ += 1;
    if (this.differences.length >= MAX_LISTED) return;
    const tenant = stream.startsWith(STREAM_PREFIX) ? tenantOf(stream) : null;
    this.differences.push({ check: this.name, tenant, stream: stream === '' ? null : stream, revision, found, advice });
  }

  remark(text: string): void {
    if (this.remarks.length < MAX_REMARKS) this.remarks.push(text);
  }

  told(): CheckLine {
    const { name, checked, differ, notChecked, remarks } = this;
    return { name, checked, differ, remarks, ...(notChecked === undefined ? {} : { notChecked }) };
  }
}
