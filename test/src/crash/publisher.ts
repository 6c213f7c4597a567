// Crash test's switches, as a process of their own: the plan of a load comes in; its messages go to Kafka, steadily, each until
// the broker has acknowledged it. A line on stdin says that the kills are over; what was held back follows then.

import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { planLoad, type LoadOptions, type PlannedMessage } from './load.js';
import { randomOf } from './random.js';

export type PublisherTask = {
  readonly load: LoadOptions;
  readonly brokers: string;
  readonly topic: string;
  /** How long the kills are expected to take. */
  readonly durationMs: number;
};

/** Held back until the kills are over, so that none of them hits programs that have nothing to do. */
const HELD_BACK_SHARE = 0.15;
/** Of the planned rate, once only the part held back is left and the kills go on. */
const TRICKLE = 0.1;
const BURST_EVERY_MS = 250;
const MAX_MESSAGES_AT_ONCE = 500;
const RETRY_AFTER_MS = 300;

const task = JSON.parse(process.argv[2] ?? '') as PublisherTask;
const { messages } = planLoad(task.load);
let areKillsOver = false;
process.stdin.once('data', () => (areKillsOver = true));

const kafka = new Kafka({ clientId: 'crash-publisher', brokers: task.brokers.split(','), logLevel: logLevel.NOTHING });
const producer = kafka.producer({ retry: { retries: 0 } });
await publishAll(producer);
await producer.disconnect();
process.stdout.write(`published ${messages.length}\n`);
process.exit(0);

async function publishAll(to: Producer): Promise<void> {
  const random = randomOf(task.load.seed);
  const heldBackFrom = Math.floor(messages.length * (1 - HELD_BACK_SHARE));
  const perBurst = (heldBackFrom * BURST_EVERY_MS) / task.durationMs;
  let at = 0;
  let owed = 0;
  while (at < messages.length) {
    owed += perBurst * 2 * random.fraction() * (at < heldBackFrom ? 1 : TRICKLE);
    const count = areKillsOver ? MAX_MESSAGES_AT_ONCE : Math.min(MAX_MESSAGES_AT_ONCE, Math.floor(owed));
    if (count > 0) await publish(to, messages.slice(at, at + count));
    at += count;
    owed -= areKillsOver ? owed : count;
    if (!areKillsOver) await delay(BURST_EVERY_MS);
  }
}

/** Again and again, the same batch: what an unknown outcome makes of it are redeliveries. */
async function publish(to: Producer, batch: readonly PlannedMessage[]): Promise<void> {
  for (;;) {
    try {
      await to.connect();
      const toSend = batch.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } }));
      await to.send({ topic: task.topic, acks: -1, messages: toSend });
      return;
    } catch (error) {
      process.stderr.write(`publisher: ${String(error)}\n`);
      await delay(RETRY_AFTER_MS);
    }
  }
}
