// What a command works on: a folder of the embedded program, or engines named in the environment. Each is opened when it is
// asked for, and its package is loaded only then: a price needs none of them.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import type { MessageBus } from '@tollkeeper/message-bus';
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
  readStore<Tables>(): Promise<ReadStore<Tables>>;
  close(): Promise<void>;
};

/** A setting of the rating program, with the same name and default. */
export const DEAD_LETTER_TOPIC = process.env['DEAD_LETTER_TOPIC'] || 'telephony.cdr.v1.dlt';

/** Files of the embedded program's folder. */
const FILES = { KURRENTDB_URL: 'events.sqlite', KAFKA_BROKERS: 'bus.sqlite', DATABASE_URL: 'keys.sqlite' } as const;
const READ_MODELS_FILE = 'read-models.sqlite';

export function enginesOf({ data }: EngineOptions): Engines {
  const closing: (() => Promise<unknown>)[] = [];
  const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
    let opened: Promise<T> | undefined;
    return () => (opened ??= open());
  };
  const addressOf = (name: keyof typeof FILES, file: string = FILES[name]): string => {
    if (data === undefined) {
      const address = process.env[name];
      if (address) return address;
      throw new CommandError(`${name} is not set; set it, or name the folder of npm start with --data FOLDER`);
    }
    const path = join(data, file);
    if (existsSync(path)) return `sqlite:${path}`;
    throw new CommandError(`${path} does not exist; --data takes the folder that npm start works on`);
  };
  const eventStore = once(async () => {
    const { openEventStore } = await import('@tollkeeper/event-store');
    const store = openEventStore(addressOf('KURRENTDB_URL'));
    closing.push(() => store.close());
    await answers('event store', store);
    return store;
  });
  const readStore = once(async () => {
    const { openReadStore } = await import('@tollkeeper/read-store');
    const store = await openReadStore<never>(addressOf('DATABASE_URL', READ_MODELS_FILE), { readOnly: true });
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
      const bus = openMessageBus(addressOf('KAFKA_BROKERS'), { clientId: 'tollkeeper-cli' });
      closing.push(() => bus.close());
      await answers('message bus', bus);
      return bus;
    }),
    keyRing: once(async () => {
      const { openKeyRing, openKeyStore } = await import('@tollkeeper/sealing');
      const store = await openKeyStore(addressOf('DATABASE_URL'), { masterKey: process.env['SEALING_MASTER_KEY'] });
      closing.push(() => store.close());
      return openKeyRing(store);
    }),
    readStore: async <Tables>() => (await readStore()) as unknown as ReadStore<Tables>,
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
