// Debit step in the shape that a stream writer runs: read, decide, append at the expected revision.

import { initialAccount, settle, type Account } from './account.js';
import { decode, fold, record, tenantOf, type PlacedEvent, type StoredEvent } from './codec.js';
import type { LedgerCommand } from './commands.js';
import { suspectRevisions } from './debit-call.js';
import { decide } from './decide.js';
import type { LedgerEvent } from './events.js';
import { rerateEvidence } from './rerate.js';
import { sessionEvidence } from './reserve.js';
import { isLedgerRejection, type LedgerRejection } from './rejections.js';

export const ledgerDecider = {
  initialState: (stream: string): Account => initialAccount(tenantOf(stream)),
  /** What is read from the store is certain, so it is settled at once. */
  evolve: (account: Account, stored: PlacedEvent): Account => settle(fold(account, stored)),
  decide: (command: LedgerCommand, account: Account): readonly LedgerEvent[] | LedgerRejection => decide(command, account),
  isRefusal: (outcome: readonly LedgerEvent[] | LedgerRejection): outcome is LedgerRejection => isLedgerRejection(outcome),
  record(account: Account, events: readonly LedgerEvent[]): { state: Account; toAppend: readonly StoredEvent[]; bytes: number } {
    const { account: state, stored, byteLength } = record(account, events);
    return { state, toAppend: stored, bytes: byteLength };
  },
  evidenceFor(command: LedgerCommand, account: Account): readonly number[] {
    switch (command.kind) {
      case 'rerate-call':
        return rerateEvidence(command, account);
      case 'debit-call':
      case 'record-call-not-billable':
        return suspectRevisions(command, account);
      case 'authorise':
      case 'extend-reservation':
      case 'terminate-reservation':
        return sessionEvidence(command, account);
      default:
        return [];
    }
  },
  withEvidence: (command: LedgerCommand, events: readonly PlacedEvent[]): LedgerCommand =>
    ({ ...command, evidence: events.map(decode) }) as LedgerCommand,
  settle,
  discard(account: Account): Account {
    account.knownCalls.discard();
    return account;
  },
  revisionOf: (account: Account): number => account.revision,
};
