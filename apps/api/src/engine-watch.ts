// Readiness of the API: its three engines are watched from the application's start to its end.

import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { watchEngines, type EngineWatch as Watch } from '@tollkeeper/program';
import type { ApiParts } from './parts.js';

type WatchParts = Pick<ApiParts, 'eventStore' | 'bus' | 'readStore' | 'readiness'>;

export class EngineWatch implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #parts: WatchParts;
  #watch: Watch | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  onApplicationBootstrap(): void {
    const { eventStore, bus, readStore, readiness } = this.#parts;
    this.#watch = watchEngines({ 'event-store': eventStore, 'message-bus': bus, 'read-store': readStore }, readiness);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#watch?.stop();
  }
}
