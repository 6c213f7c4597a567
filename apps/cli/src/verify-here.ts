// `tollkeeper verify` in one thread: engines and a task come in; what is at hand is checked, and what is not is told.

import { join } from 'node:path';
import { CheckpointFaulty, verifyLedger, type CheckName, type LedgerVerification } from '@tollkeeper/audit';
import { httpGateway, simulatorJournal, stripePayments, type PaymentList } from '@tollkeeper/payment-gateway';
import { assertTables, type Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { Engines } from './engines.js';
import { CommandError } from './exit.js';

/** Plain data, so that a thread can be handed it. */
export type VerifyTask = {
  readonly tenant?: string | undefined;
  readonly only?: readonly CheckName[] | undefined;
  readonly checkpoint?: string | undefined;
  readonly saveCheckpoint?: string | undefined;
  readonly data?: string | undefined;
};

const STRIPE_TIMEOUT_MS = 30_000;

export async function verifyHere(
  { tenant, only, checkpoint, saveCheckpoint, data }: VerifyTask,
  engines: Engines,
  onProgress: (events: number) => void,
): Promise<LedgerVerification> {
  const parts = {
    store: await engines.eventStore(),
    decks: await orNotAtHand(() => engines.decks()),
    ring: await orNotAtHand(() => engines.keyRing()),
    readStore: await orNotAtHand(() => readModels(engines)),
    gateway: await orNotAtHand(async () => gatewayOf(data)),
  };
  const options = { tenant, only, checkpoint, saveCheckpoint, nowMs: Date.now() };
  return verifyLedger(parts, options, onProgress).catch(asCommandError);
}

/** What is not there is told in its line, and the rest is checked all the same. */
async function orNotAtHand<Part>(open: () => Promise<Part>): Promise<Part | { readonly notChecked: string }> {
  try {
    return await open();
  } catch (error) {
    return { notChecked: (error as Error).message };
  }
}

/** With every table of this version, as far as they are read here. */
async function readModels(engines: Engines): Promise<ReadStore<Tables>> {
  const readStore = await engines.readStore();
  await assertTables(readStore);
  return readStore;
}

/** Where the payments program takes them; in a folder, the simulator that stands there. */
function gatewayOf(data: string | undefined): PaymentList {
  if (data !== undefined) return simulatorJournal(join(data, 'payments.ndjson'));
  const { PAYMENT_GATEWAY, PAYMENT_GATEWAY_URL, STRIPE_SECRET_KEY, STRIPE_API_URL } = process.env;
  if (PAYMENT_GATEWAY === 'stripe' && STRIPE_SECRET_KEY) {
    const apiUrl = STRIPE_API_URL ? { apiUrl: STRIPE_API_URL } : {};
    return stripePayments({ secretKey: STRIPE_SECRET_KEY, timeoutMs: STRIPE_TIMEOUT_MS, ...apiUrl });
  }
  if (PAYMENT_GATEWAY !== 'stripe' && PAYMENT_GATEWAY_URL) return httpGateway({ url: PAYMENT_GATEWAY_URL });
  throw new CommandError('set PAYMENT_GATEWAY_URL, or PAYMENT_GATEWAY=stripe and STRIPE_SECRET_KEY, as for the payments program');
}

function asCommandError(error: unknown): never {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (error instanceof CheckpointFaulty) throw new CommandError(error.message);
  if (isMissing) throw new CommandError(`${(error as Error).message}; see the path that was given for a checkpoint`);
  throw error;
}
