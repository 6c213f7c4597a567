// What a command works on: a folder of the embedded program, or engines named in the environment. Each is opened when it is
// asked for, and its package is loaded only then: a price needs none of them.
//
// A folder's files are opened for reading only, beside the server that may work on them. To write, a command needs the folder's
// lock, so that no server can start meanwhile; command-parts.ts asks the server instead where there is one.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import type { MessageBus } from '@tollkeeper/message-bus';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { CommandError, EXIT } from './exit.js';

export type EngineOptions = { readonly data?: string | undefined };

export type Engines = {
  eventStore(): Promise<EventStore>;
  /** Every version that stands in the store is known. */
  decks(): Promise<DeckShelf>;
  bus(): Promise<MessageBus>;
  keyRing(): Promise<KeyRing>;
  /** The read models, as their migrations left them. */
  readStore(): Promise<ReadStore<Tables>>;
  close(): Promise<void>;
};

/** Settings of the rating program, with the same names and defaults. */
export const CDR_TOPIC = process.env['CDR_TOPIC'] || 'telephony.cdr.v1';
export const PARKED_TOPIC = process.env['PARKED_TOPIC'] || 'telephony.cdr.v1.parked';
export const DEAD_LETTER_TOPIC = process.env['DEAD_LETTER_TOPIC'] || 'telephony.cdr.v1.dlt';

type Engine = 'events' | 'bus' | 'keys' | 'readModels';

/** Where each is named: a file of the embedded program's folder, or a setting. */
const PLACES = {
  events: ['events.sqlite', 'KURRENTDB_URL'],
  bus: ['bus.sqlite', 'KAFKA_BROKERS'],
  keys: ['keys.sqlite', 'DATABASE_URL'],
  readModels: ['read-models.sqlite', 'DATABASE_URL'],
} as const satisfies Readonly<Record<Engine, readonly [file: string, setting: string]>>;

/** @throws CommandError when the folder is none of the embedded program's. */
export function assertDataFolder(data: string): void {
  if (Object.values(PLACES).some(([file]) => existsSync(join(data, file)))) return;
  const is = existsSync(data) ? 'holds no ledger' : 'does not exist';
  throw new CommandError(`${data} ${is}; --data takes the folder that npm start works on`);
}

/** @throws CommandError when it is nowhere to be found. */
export function addressOf(engine: Engine, { data }: EngineOptions): string {
  const [file, setting] = PLACES[engine];
  if (data === undefined) {
    const address = process.env[setting];
    if (address) return address;
    throw new CommandError(`${setting} is not set; set it, or name the folder of npm start with --data FOLDER`);
  }
  const path = join(data, file);
  if (existsSync(path)) return `sqlite:${path}`;
  throw new CommandError(`${path} does not exist; --data takes the folder that npm start works on`);
}

export function enginesOf(options: EngineOptions, use: 'read' | 'write' = 'read'): Engines {
  const readOnly = use === 'read';
  const closing: (() => Promise<unknown>)[] = [];
  const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
    let opened: Promise<T> | undefined;
    return () => (opened ??= open());
  };
  const eventStore = once(async () => {
    const { openEventStore } = await import('@tollkeeper/event-store');
    const store = openEventStore(addressOf('events', options), { readOnly });
    closing.push(() => store.close());
    await answers('event store', store);
    return store;
  });
  const readStore = once(async () => {
    const { openReadStore } = await import('@tollkeeper/read-store');
    const store = await openReadStore<Tables>(addressOf('readModels', options), { readOnly });
    closing.push(() => store.close());
    await answers('read store', store);
    return store;
  });
  return {
    eventStore,
    decks: once(async () => {
      const { openDeckShelf } = await import('@tollkeeper/decks');
      const shelf = openDeckShelf(await eventStore(), { onError: () => undefined });
      closing.unshift(() => shelf.close());
      await shelf.ready;
      return shelf;
    }),
    bus: once(async () => {
      const { openMessageBus } = await import('@tollkeeper/message-bus');
      const bus = openMessageBus(addressOf('bus', options), { clientId: 'tollkeeper-cli', readOnly });
      closing.push(() => bus.close());
      await answers('message bus', bus);
      return bus;
    }),
    keyRing: once(async () => {
      const { openKeyRing, openKeyStore } = await import('@tollkeeper/sealing');
      const masterKey = process.env['SEALING_MASTER_KEY'];
      const store = await openKeyStore(addressOf('keys', options), { masterKey, readOnly });
      closing.push(() => store.close());
      return openKeyRing(store);
    }),
    readStore,
    async close() {
      for (const close of closing.splice(0)) await close();
    },
  };
}

const ANSWER_WITHIN_MS = 10_000;

async function answers(what: string, engine: { ping(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fault = new CommandError(
      `the ${what} does not answer within ${ANSWER_WITHIN_MS / 1000} s; is it running?`,
      EXIT.engine,
    );
    timer = setTimeout(() => reject(fault), ANSWER_WITHIN_MS);
  });
  try {
    await Promise.race([engine.ping(), late]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`the ${what} does not answer: ${(error as Error).message}`, EXIT.engine);
  } finally {
    clearTimeout(timer);
  }
}
