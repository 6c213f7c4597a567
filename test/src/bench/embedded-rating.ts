// Bench, rating inside a process of the bench: ports come in; the program's own module runs on them, as standalone composes it.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Module, type DynamicModule } from '@nestjs/common';
import { RatingModule } from '@tollkeeper/app-rating';
import { StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider } from '@tollkeeper/ledger';
import type { MessageBus } from '@tollkeeper/message-bus';
import { Readiness } from '@tollkeeper/program';
import { compileIntake, isDeckRejection, parseDeck, parseSources } from '@tollkeeper/rating';
import { openKeyRing, type KeyStore } from '@tollkeeper/sealing';
import { CURRENCY, deckCsv, sourcesJson } from './workload.js';

export const EMBEDDED_TOPICS = {
  cdr: 'telephony.cdr.v1',
  deadLetters: 'telephony.cdr.v1.dlt',
  parked: 'telephony.cdr.v1.parked',
  balance: 'credit.balance.v1',
  alert: 'credit.alert.v1',
  rechargeCommand: 'credit.recharge-command.v1',
} as const;
export const EMBEDDED_GROUP = 'rating';

export type RatingEngines = { readonly eventStore: EventStore; readonly bus: MessageBus; readonly keyStore: KeyStore };

export function ratingModule(
  { eventStore, bus, keyStore }: RatingEngines,
  onMessages: (count: number) => void,
  onFatal: (error: unknown) => void,
): DynamicModule {
  const parsed = parseSources(JSON.parse(sourcesJson(EMBEDDED_TOPICS.cdr)));
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  const deck = parseDeck(deckCsv(), { currency: CURRENCY });
  if (!('intake' in compiled) || isDeckRejection(deck)) throw new Error('the sources or the deck of the bench have faults');
  return RatingModule.register({
    writer: new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 10_000 }),
    bus,
    ring: openKeyRing(keyStore),
    intake: compiled.intake,
    eventStore,
    decks: { hashAt: () => deck.hash, deck: async () => deck },
    unratedCalls: 'dead-letter',
    clock: Date.now,
    intakeTopic: EMBEDDED_TOPICS.cdr,
    topics: { deadLetters: EMBEDDED_TOPICS.deadLetters, parked: EMBEDDED_TOPICS.parked },
    group: EMBEDDED_GROUP,
    readiness: new Readiness([EMBEDDED_GROUP]),
    onFatal,
    onRetry: onFatal,
    watch: {
      onBatch: ({ messages }) => onMessages(messages),
      onSetAside: (tenant, reason) => onFatal(new Error(`${tenant}: ${reason}`)),
    },
  });
}

@Module({})
class ComposedModule {}

export async function startModules(modules: readonly DynamicModule[]): Promise<{ close(): Promise<void> }> {
  const composed: DynamicModule = { module: ComposedModule, imports: [...modules] };
  return await NestFactory.createApplicationContext(composed, { logger: false, abortOnError: false });
}
