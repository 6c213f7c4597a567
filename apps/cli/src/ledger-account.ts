// One tenant's account, for a command that works on it: the ledger decides, a refusal ends the command with its code.

import type { CommandResult } from '@tollkeeper/event-store';
import { streamOf, type Account, type LedgerCommand, type LedgerEvent, type LedgerRejection } from '@tollkeeper/ledger';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';

type Untimed<Command> = Command extends LedgerCommand ? Omit<Command, 'nowMs'> : never;

const MAX_CACHED_ACCOUNTS = 10;

export class LedgerAccount {
  private constructor(
    readonly tenant: string,
    private readonly writer: Awaited<ReturnType<typeof openWriter>>,
  ) {}

  /** @throws CommandError when the tenant has no account. */
  static async open(tenant: string, engines: Engines): Promise<LedgerAccount> {
    const account = new LedgerAccount(tenant, await openWriter(engines, 1));
    if (await account.query(({ open }) => open)) return account;
    throw new CommandError(`account-not-open: tenant ${tenant} has no account; open one first`, EXIT.found);
  }

  /** Whether anything changed. */
  async execute(untimed: Untimed<LedgerCommand>): Promise<boolean> {
    const [result] = await this.executeAll([{ ...untimed, nowMs: Date.now() } as LedgerCommand]);
    if (result?.kind === 'refused') throw refusedWith(result.refusal);
    return result?.kind === 'recorded';
  }

  executeAll(commands: readonly LedgerCommand[]): Promise<readonly CommandResult<LedgerEvent, LedgerRejection>[]> {
    return this.writer.execute(streamOf(this.tenant), commands);
  }

  query<T>(view: (account: Account) => T): Promise<T> {
    return this.writer.query(streamOf(this.tenant), view);
  }
}

export function refusedWith({ code, reason }: LedgerRejection): CommandError {
  return new CommandError(`${code}: ${reason}`, EXIT.found);
}

/** Nobody of the tenant is known by name any more. */
export function personsErased(tenant: string): CommandError {
  return new CommandError(
    `the key of ${tenant}'s persons was destroyed; users and recipients can no longer be named`,
    EXIT.found,
  );
}

export async function openWriter(engines: Engines, maxCachedStreams = MAX_CACHED_ACCOUNTS) {
  const store = await engines.eventStore();
  const { StreamWriter } = await import('@tollkeeper/event-store');
  const { ledgerDecider } = await import('@tollkeeper/ledger');
  return new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams });
}
