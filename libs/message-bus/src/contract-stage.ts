// Where the contract suite plays: a subject comes in; a bus with fresh topics, groups and collecting readers goes out.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, type ConsumeOptions, type Consumer, type Message, type MessageBus } from './message-bus.js';

export type Subject = {
  open(): MessageBus;
  /** The bus after its process has ended and begun again; memory has nothing to come back to and stays. */
  reopen(bus: MessageBus): Promise<MessageBus>;
};

export const PARTITIONS = 6;
const WAIT_MS = 40_000;

/** Fresh topics and groups for every test, and consumers that are stopped at the end whatever happens. */
export class Stage {
  bus!: MessageBus;
  readonly #subject: Subject;
  readonly #consumers: Consumer[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  open(): void {
    this.bus = this.#subject.open();
  }

  async reopen(): Promise<void> {
    this.bus = await this.#subject.reopen(this.bus);
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
    await this.bus.close();
  }

  async topic(partitions = PARTITIONS, maxMessageBytes?: number): Promise<string> {
    const name = `contract-${randomUUID()}`;
    await this.bus.ensureTopics([maxMessageBytes === undefined ? { name, partitions } : { name, partitions, maxMessageBytes }]);
    return name;
  }

  /** Collects what arrives, unless the test handles batches itself. */
  async read(
    topic: string,
    options: Partial<ConsumeOptions> = {},
  ): Promise<{ seen: Message[]; group: string; consumer: Consumer }> {
    const seen: Message[] = [];
    const group = options.group ?? newGroup();
    const handle = async (batch: Batch): Promise<void> => {
      await options.handle?.(batch);
      seen.push(...batch.messages);
    };
    const consumer = await this.bus.consume({ topics: [topic], maxMessages: 100, ...options, group, handle });
    this.#consumers.push(consumer);
    return { seen, group, consumer };
  }
}

export function newGroup(): string {
  return `group-${randomUUID()}`;
}

export function text(part: Buffer | null): string {
  return part?.toString() ?? '';
}

export function offsetsByPartition(messages: readonly Message[]): bigint[][] {
  return [...Map.groupBy(messages, ({ partition }) => partition).values()].map((group) => group.map(({ offset }) => offset));
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`Waited ${WAIT_MS} ms in vain for ${condition.toString()}`);
    await sleep(5);
  }
}
