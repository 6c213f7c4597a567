// Debit step's other door: what people ask of an account over HTTP becomes a ledger command; its outcome and balance come back.

import type { CommandResult } from '@tollkeeper/event-store';
import {
  availableOf,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
} from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import { failpoint } from '@tollkeeper/program';
import type { WriteAnswer } from './answers.js';
import type { LedgerWriter } from './parts.js';
import { refusedByLedger } from './problem.js';

type Untimed<Command> = Command extends LedgerCommand ? Omit<Command, 'nowMs'> : never;

export class Accounts {
  readonly #writer: LedgerWriter;
  readonly #nowMs: () => number;

  constructor(writer: LedgerWriter, nowMs: () => number) {
    this.#writer = writer;
    this.#nowMs = nowMs;
  }

  /** @throws ProblemError when the ledger refuses. */
  async execute(tenant: string, untimed: Untimed<LedgerCommand>): Promise<WriteAnswer> {
    const result = await this.run(tenant, { ...untimed, nowMs: this.#nowMs() } as LedgerCommand);
    if (result.kind === 'refused') throw refusedByLedger(result.refusal);
    failpoint('api.after-append');
    const changed = result.kind === 'recorded';
    return this.query(tenant, (account) => answerOf(account, changed));
  }

  /** One command; a refusal is a result. */
  async run(tenant: string, command: LedgerCommand): Promise<CommandResult<LedgerEvent, LedgerRejection>> {
    const [result] = await this.executeAll(tenant, [command]);
    if (result === undefined) throw new Error(`The stream writer gave no result for ${command.kind} of ${tenant}`);
    return result;
  }

  /** Many commands, a result for each; a refusal is a result. */
  executeAll(
    tenant: string,
    commands: readonly LedgerCommand[],
  ): Promise<readonly CommandResult<LedgerEvent, LedgerRejection>[]> {
    return this.#writer.execute(streamOf(tenant), commands);
  }

  /** As `query`. @throws ProblemError when the tenant has no account. */
  async opened<T>(tenant: string, view: (account: Account) => T): Promise<T> {
    const found = await this.query(tenant, (account) => (account.open ? { view: view(account) } : undefined));
    if (found !== undefined) return found.view;
    throw refusedByLedger({ code: 'account-not-open', reason: `tenant ${tenant} has no account; open one first` });
  }

  /** `view` must take what it needs at once: the account goes on changing. */
  query<T>(tenant: string, view: (account: Account) => T): Promise<T> {
    return this.#writer.query(streamOf(tenant), view);
  }
}

function answerOf(account: Account, changed: boolean): WriteAnswer {
  const { tenant, revision, currency, balanceMicros } = account;
  const available = decimalOf(availableOf(account));
  return { tenant, changed, revision, currency, balance: decimalOf(balanceMicros), available };
}
