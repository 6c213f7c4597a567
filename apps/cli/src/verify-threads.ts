// `tollkeeper verify` on several cores: the checks that take longest run in threads of their own, each with its own look at the engines;
// what all of them found comes back as one.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CHECK_NAMES, mergedVerification, type CheckName, type LedgerVerification } from '@tollkeeper/audit';
import type { Engines } from './engines.js';
import { CommandError } from './exit.js';
import { verifyHere, type VerifyTask } from './verify-here.js';
import type { ThreadMessage } from './verify-thread.js';

/** What takes longest, first: folding every read model anew, rating every debit again. A core each is left for, no more. */
const BY_THEMSELVES: readonly CheckName[] = ['projections', 'charges'];

/** More than any of them needs; without a bound the garbage of several threads adds up before it is collected. */
const MAX_HEAP_MIB = 384;

/** @param onProgress hears how many more events every thread has behind it. */
export async function verifyInThreads(
  task: VerifyTask,
  engines: Engines,
  onProgress: (events: number) => void,
): Promise<LedgerVerification> {
  const wanted = task.only ?? CHECK_NAMES;
  const apart = BY_THEMSELVES.filter((name) => wanted.includes(name)).slice(0, availableParallelism() - 1);
  let here = wanted.filter((name) => !apart.includes(name));
  if (here.length === 0) here = apart.splice(0, 1);
  const counts = [here, ...apart].map(() => 0);
  let told = 0;
  const onEvents =
    (thread: number) =>
    (events: number): void => {
      counts[thread] = (counts[thread] ?? 0) + events;
      const behindAll = Math.min(...counts);
      onProgress(behindAll - told);
      told = behindAll;
    };
  const threads = apart.map((name, at) => new Thread({ ...task, only: [name], saveCheckpoint: undefined }, onEvents(at + 1)));
  try {
    const results = await Promise.all([
      verifyHere({ ...task, only: here }, engines, onEvents(0)),
      ...threads.map(({ result }) => result),
    ]);
    return mergedVerification(results);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

class Thread {
  readonly result: Promise<LedgerVerification>;
  readonly #worker: Worker;

  constructor(task: VerifyTask, onEvents: (events: number) => void) {
    this.#worker = new Worker(new URL('./verify-thread.js', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    this.result = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'progress') onEvents(message.events);
        else if (message.kind === 'done') resolve(message.verification);
        else reject(new CommandError(message.reason, message.exitCode));
      });
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => reject(new Error('a thread of verify has ended before it was done')));
    });
    // Whoever waits for the threads may have failed before this one.
    this.result.catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
