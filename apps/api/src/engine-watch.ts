// Readiness of the API: each engine is asked again and again whether it answers; `/readyz` says what it said last.

import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { ApiParts } from './parts.js';

const ASK_EVERY_MS = 2_000;
const ANSWER_WITHIN_MS = 5_000;

type WatchParts = Pick<ApiParts, 'eventStore' | 'bus' | 'readStore' | 'readiness'>;

export class EngineWatch implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #parts: WatchParts;
  readonly #stop = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  onApplicationBootstrap(): void {
    const { eventStore, bus, readStore } = this.#parts;
    const engines = { 'event-store': eventStore, 'message-bus': bus, 'read-store': readStore };
    this.#watching = Promise.all(Object.entries(engines).map(([name, engine]) => this.#watch(name, engine)));
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(name: string, engine: { ping(): Promise<void> }): Promise<void> {
    const { readiness } = this.#parts;
    const { signal } = this.#stop;
    readiness.set(name, false, 'not asked yet');
    while (!signal.aborted) {
      const fault = await faultOf(engine.ping(), signal);
      if (signal.aborted) return;
      readiness.set(name, fault === undefined, fault);
      await delay(ASK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function faultOf(ping: Promise<void>, signal: AbortSignal): Promise<string | undefined> {
  const tooLate = delay(ANSWER_WITHIN_MS, `no answer within ${ANSWER_WITHIN_MS} ms`, { signal, ref: false }).catch(
    () => 'stopping',
  );
  const answer = ping.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([answer, tooLate]);
}
