// Bench, rating inside a process of the bench: ports come in; the program's own module runs on them, as standalone composes it.
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { RatingModule } from '@tollkeeper/app-rating';
import { StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider } from '@tollkeeper/ledger';
import { Readiness } from '@tollkeeper/program';
import { compileIntake, isDeckRejection, parseDeck, parseSources } from '@tollkeeper/rating';
import { openKeyRing } from '@tollkeeper/sealing';
import { CURRENCY, deckCsv, sourcesJson } from './workload.js';
export const EMBEDDED_TOPICS = {
    cdr: 'telephony.cdr.v1',
    deadLetters: 'telephony.cdr.v1.dlt',
    parked: 'telephony.cdr.v1.parked',
    balance: 'credit.balance.v1',
    alert: 'credit.alert.v1',
    rechargeCommand: 'credit.recharge-command.v1',
};
export const EMBEDDED_GROUP = 'rating';
export function ratingModule({ eventStore, bus, keyStore }, onMessages, onFatal) {
    const parsed = parseSources(JSON.parse(sourcesJson(EMBEDDED_TOPICS.cdr)));
    const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
    const deck = parseDeck(deckCsv(), { currency: CURRENCY });
    if (!('intake' in compiled) || isDeckRejection(deck))
        throw new Error('the sources or the deck of the bench have faults');
    return RatingModule.register({
        writer: new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 10_000 }),
        bus,
        ring: openKeyRing(keyStore),
        intake: compiled.intake,
        deck: () => deck,
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
let ComposedModule = class ComposedModule {
};
ComposedModule = __decorate([
    Module({})
], ComposedModule);
export async function startModules(modules) {
    const composed = { module: ComposedModule, imports: [...modules] };
    return await NestFactory.createApplicationContext(composed, { logger: false, abortOnError: false });
}
