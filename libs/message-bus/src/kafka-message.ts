// A message as kafkajs fetched it comes in, the port's message goes out.
import { type KafkaMessage } from 'kafkajs';
import { type Message } from './message-bus.js';

export function toMessage(topic: string, partition: number, message: KafkaMessage): Message {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** Kafka allows a header twice; the last one counts. */
function toHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    result[name] = last?.toString() ?? '';
  }
  return result;
}
