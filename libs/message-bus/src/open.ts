// The address in the settings comes in, the message bus behind it goes out.
import { inMemoryMessageBus } from './in-memory.js';
import { type KafkaMessageBusOptions, openKafkaMessageBus } from './kafka.js';
import { type MessageBus } from './message-bus.js';
import { openSqliteMessageBus, type SqliteMessageBusOptions } from './sqlite.js';

export type OpenMessageBusOptions = SqliteMessageBusOptions & Omit<KafkaMessageBusOptions, 'brokers'>;

/** An address that can't be read is a mistake in the settings, so this throws a plain Error: being wrong ends the process. */
export function openMessageBus(url: string, options: OpenMessageBusOptions): MessageBus {
  if (url === 'memory:') return inMemoryMessageBus();
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return openSqliteMessageBus(url.slice('sqlite:'.length), options);
  }
  const brokers = url
    .replace(/^kafka:(\/\/)?/, '')
    .split(',')
    .map((broker) => broker.trim());
  if (brokers.every(isBroker)) return openKafkaMessageBus({ ...options, brokers });
  const forms = 'memory:, sqlite:PATH, kafka:HOST:PORT,HOST:PORT or HOST:PORT,HOST:PORT';
  throw new Error(`"${url}" is no address of a message bus; write ${forms}.`);
}

function isBroker(text: string): boolean {
  const port = Number(/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}
