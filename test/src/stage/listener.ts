// Tests across processes: topics come in; every message that has stood on them since they were made is collected.

import { randomUUID } from 'node:crypto';
import type { Message, MessageBus } from '@tollkeeper/message-bus';

export type Listener = {
  /** In the order of arrival; per partition, that of the topic. */
  messages(topic: string): readonly Message[];
  stop(): Promise<void>;
};

export async function listen(bus: MessageBus, topics: readonly string[]): Promise<Listener> {
  const heard = new Map<string, Message[]>(topics.map((topic) => [topic, []]));
  const consumer = await bus.consume({
    group: `listener-${randomUUID()}`,
    topics,
    maxMessages: 1_000,
    async handle({ topic, messages }) {
      heard.get(topic)?.push(...messages);
    },
  });
  return { messages: (topic) => heard.get(topic) ?? [], stop: () => consumer.stop() };
}
