// A thread of `tollkeeper verify`: some of the checks come in; how far it is, and what they found, go out as messages.

import { parentPort, workerData } from 'node:worker_threads';
import type { LedgerVerification } from '@tollkeeper/audit';
import { enginesOf } from './engines.js';
import { exitCodeOf } from './exit.js';
import { verifyHere, type VerifyTask } from './verify-here.js';

export type ThreadMessage =
  | { readonly kind: 'progress'; readonly events: number }
  | { readonly kind: 'done'; readonly verification: LedgerVerification }
  | { readonly kind: 'failed'; readonly reason: string; readonly exitCode: number };

const send = (message: ThreadMessage): void => parentPort?.postMessage(message, []);
const task = workerData as VerifyTask;
const engines = enginesOf(task);
try {
  send({ kind: 'done', verification: await verifyHere(task, engines, (events) => send({ kind: 'progress', events })) });
} catch (error) {
  send({ kind: 'failed', reason: (error as Error).message, exitCode: exitCodeOf(error) });
} finally {
  await engines.close();
}
