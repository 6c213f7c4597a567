// What the HTTP API is made of: engines behind their ports and the program's own parts come in from whoever composes it.

import type { DeckShelf } from '@tollkeeper/decks';
import type { CommandResult, EventStore } from '@tollkeeper/event-store';
import type { Account, LedgerCommand, LedgerEvent, LedgerRejection } from '@tollkeeper/ledger';
import type { MessageBus } from '@tollkeeper/message-bus';
import type { PaymentList } from '@tollkeeper/payment-gateway';
import type { Logger, Readiness } from '@tollkeeper/program';
import type { Intake } from '@tollkeeper/rating';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import type { Registry } from 'prom-client';
import type { IdempotencyKeyRow } from './idempotency.js';
import type { MinimumPurchase } from './minimum-purchase.js';

/** The tables of the read models, and the one that is the API's own. */
export type ReadTables = Tables & { readonly http_idempotency_key: IdempotencyKeyRow };

/** What a stream writer over the ledger's decider promises; accounts are changed through nothing else. */
export type LedgerWriter = {
  execute(stream: string, commands: readonly LedgerCommand[]): Promise<readonly CommandResult<LedgerEvent, LedgerRejection>[]>;
  query<T>(stream: string, view: (account: Account) => T): Promise<T>;
};

export type ApiOptions = {
  /** Where accepted CDRs go; its key is the tenant. */
  readonly cdrTopic: string;
  /** What could not be recorded. */
  readonly deadLetterTopic: string;
  /** CDRs of tenants that are set aside. */
  readonly parkedTopic: string;
  /** Consumer group of rating, whose lag is the intake's. */
  readonly ratingGroup: string;
  /** Between two looks for what has fallen due; 0 never looks. */
  readonly expirySweepMs: number;
  /** What makes a request the operator's; undefined: every request is. */
  readonly operatorToken: string | undefined;
  readonly minimumPurchase: MinimumPurchase;
  /** `WEBHOOK_ALLOW_PRIVATE`: webhooks may go to http:// and to addresses that are not on the public internet. */
  readonly allowPrivateWebhooks: boolean;
  readonly nowMs: () => number;
};

/** Versions of the plans' rate decks. */
export type RateDecks = Pick<DeckShelf, 'ready' | 'hashAt' | 'deck' | 'versions'>;

export type ApiParts = {
  readonly eventStore: EventStore;
  readonly streamWriter: LedgerWriter;
  readonly bus: MessageBus;
  readonly readStore: ReadStore<ReadTables>;
  readonly sources: Intake;
  readonly decks: DeckShelf;
  /** Seals numbers, who holds a licence, who is written to, and the secrets of webhooks. */
  readonly ring: KeyRing;
  /** The gateway's own list of payments, to verify against; without it they are not compared. */
  readonly payments?: PaymentList;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly readiness: Readiness;
  readonly options: ApiOptions;
};

export const DEFAULT_CDR_TOPIC = 'telephony.cdr.v1';
export const DEFAULT_DEAD_LETTER_TOPIC = 'telephony.cdr.v1.dlt';
export const DEFAULT_PARKED_TOPIC = 'telephony.cdr.v1.parked';
export const DEFAULT_RATING_GROUP = 'rating';
export const DEFAULT_EXPIRY_SWEEP_MS = 60_000;

export const API_PARTS = Symbol('API_PARTS');
