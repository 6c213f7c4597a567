// Payment step's view of the ledger: a recharge's id comes in; what its tenant's stream says of it goes out, and what the
// gateway answered goes onto that stream.

import { StreamWriter, type Conflict, type EventStore } from '@tollkeeper/event-store';
import {
  ledgerDecider,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
  type RechargeState,
  type RecordPayment,
} from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';

/** Tenants rarely recharge twice within minutes, so few accounts are worth their memory. */
const MAX_CACHED_ACCOUNTS = 200;

export type RechargeKey = { readonly tenant: string; readonly rechargeId: string };

/** A recharge as the stream has it at this moment. */
export type Recharge = RechargeKey & RechargeState & { readonly currency: string };

/** An attempt that stands on the stream. */
export type Attempt = RechargeKey & {
  readonly attempt: number;
  readonly amount: string;
  readonly currency: string;
};

/** One that waits for its outcome. */
export type OpenAttempt = Attempt & {
  readonly attemptedAtMs: number;
  /** False when it stood there before: the gateway may have been asked already. */
  readonly isNew: boolean;
};

/** Every attempt that the recharge has had, oldest first. */
export function attemptsOf({ tenant, rechargeId, attempt, amountMicros, currency }: Recharge): readonly Attempt[] {
  const amount = decimalOf(amountMicros);
  return Array.from({ length: attempt }, (_, index) => ({ tenant, rechargeId, attempt: index + 1, amount, currency }));
}

export type Recorded =
  | { readonly kind: 'recorded'; readonly events: readonly LedgerEvent[] }
  /** It stands there already. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: LedgerRejection };

export class Recharges {
  readonly #writer: StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>;
  readonly #nowMs: () => number;

  constructor(store: EventStore, nowMs: () => number, onConflict: (conflict: Conflict) => void) {
    this.#nowMs = nowMs;
    this.#writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: MAX_CACHED_ACCOUNTS, onConflict });
  }

  /** Reads on to the end of the stream. Undefined when nothing of that id was ever requested. */
  find({ tenant, rechargeId }: RechargeKey): Promise<Recharge | undefined> {
    return this.#writer.query(streamOf(tenant), ({ recharges, currency }) => {
      const recharge = recharges.get(rechargeId);
      return recharge && { ...recharge, tenant, rechargeId, currency };
    });
  }

  /** The attempt to ask the gateway for, or the ledger's refusal; undefined when somebody else has its outcome by now. */
  async attempt(key: RechargeKey): Promise<OpenAttempt | LedgerRejection | undefined> {
    const { tenant, rechargeId } = key;
    const result = await this.#execute(tenant, { kind: 'attempt-payment', nowMs: this.#nowMs(), rechargeId });
    if (result.kind === 'refused') return result.refusal;
    const recharge = await this.find(key);
    if (recharge === undefined || recharge.status !== 'open' || recharge.attemptStatus !== 'pending') return undefined;
    const { attempt, attemptedAtMs, currency } = recharge;
    const amount = decimalOf(recharge.amountMicros);
    return { tenant, rechargeId, attempt, amount, currency, attemptedAtMs, isNew: result.kind === 'recorded' };
  }

  record({ tenant, rechargeId, attempt }: Attempt, outcome: RecordPayment['outcome']): Promise<Recorded> {
    return this.#execute(tenant, { kind: 'record-payment', nowMs: this.#nowMs(), rechargeId, attempt, outcome });
  }

  async #execute(tenant: string, command: LedgerCommand): Promise<Recorded> {
    const [result] = await this.#writer.execute(streamOf(tenant), [command]);
    if (result === undefined) throw new Error(`${command.kind} of tenant ${tenant} has no result`);
    return result;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
