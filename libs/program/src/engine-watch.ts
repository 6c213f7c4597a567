// Around the work of every program: its engines come in and are asked again and again whether they answer; `/readyz` says what
// they said last. A program without work would not notice by itself that an engine has gone.

import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from './readiness.js';

const ASK_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;

export type WatchedEngine = { ping(): Promise<void> };
export type EngineWatch = { stop(): Promise<void> };

/** One check for each engine, under the name given here. */
export function watchEngines(engines: Readonly<Record<string, WatchedEngine>>, readiness: Readiness): EngineWatch {
  const stopping = new AbortController();
  const { signal } = stopping;
  const watch = async (name: string, engine: WatchedEngine): Promise<void> => {
    readiness.set(name, false, 'not asked yet');
    while (!signal.aborted) {
      const fault = await faultOf(engine, signal);
      if (signal.aborted) return;
      readiness.set(name, fault === undefined, fault);
      await delay(ASK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const watching = Promise.all(Object.entries(engines).map(([name, engine]) => watch(name, engine)));
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function faultOf(engine: WatchedEngine, signal: AbortSignal): Promise<string | undefined> {
  const tooLate = delay(ANSWER_WITHIN_MS, `no answer within ${ANSWER_WITHIN_MS} ms`, { signal, ref: false }).catch(
    () => 'stopping',
  );
  const answer = engine.ping().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([answer, tooLate]);
}
