// Payment step's consumer: batches of recharge commands come in; payments at the gateway, outcomes on the streams and dead
// letters go out, and only then the batch's offset.
//
// What if a command comes twice? The stream knows the attempt or the outcome, the gateway knows the key: one payment.
// Altered? The stream is asked first, and a command that contradicts it is put aside; nothing is ever paid by a command's word.
// Out of order? The order of recharges makes no difference, and a recharge's own steps are ordered by its stream.
// We die after the attempt's append, or after the gateway took the money? The command comes again or the sweep finds the
// recharge open: the attempt stands on the stream, so the gateway is asked for the same key and tells what it did.
// The gateway does not answer? After some tries the recharge is left to the sweep, because a partition that waits for one
// payment holds up every tenant's. The event store or the bus fails? Nothing is committed and the batch comes again.

import { StreamUnreadable } from '@tollkeeper/event-store';
import type { Batch, Consumer, Message, MessageBus } from '@tollkeeper/message-bus';
import { forEachBounded } from './bounded.js';
import type { PaymentProcess, Progress } from './payment-process.js';
import {
  contradiction,
  deadLetter,
  parseRechargeCommand,
  rejected,
  type CommandRejection,
  type RechargeCommand,
} from './recharge-command.js';
import type { Recharges } from './recharges.js';

const MAX_MESSAGES = 50;
const MAX_PAYMENTS_AT_ONCE = 16;
/** Well below the bus's session timeout, which a gateway that does not answer would overrun. */
const HEARTBEAT_EVERY_MS = 2_000;

/** Told of each command, for metrics and logs. */
export type CommandWatch = {
  onCommand(command: RechargeCommand, progress: Progress): void;
  onDeadLetter(message: Message, rejection: CommandRejection): void;
  /** A failure of the consumer: an engine is out of reach, or a batch will come again. */
  onError(error: unknown): void;
};

export type PaymentWorkerParts = {
  readonly bus: MessageBus;
  readonly process: PaymentProcess;
  readonly recharges: Recharges;
  readonly watch: CommandWatch;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
};

export function startPaymentWorker(parts: PaymentWorkerParts): Promise<Consumer> {
  const { bus, topic, group, watch } = parts;
  return bus.consume({
    group,
    topics: [topic],
    maxMessages: MAX_MESSAGES,
    handle: (batch) => handle(batch, parts),
    onError: (error) => watch.onError(error),
  });
}

async function handle(batch: Batch, parts: PaymentWorkerParts): Promise<void> {
  const beating = setInterval(() => {
    // A partition that is gone shows in isOwned, and again when the batch is committed.
    batch.heartbeat().catch(() => undefined);
  }, HEARTBEAT_EVERY_MS);
  try {
    await forEachBounded(batch.messages, MAX_PAYMENTS_AT_ONCE, async (message) => {
      if (!batch.isOwned()) await batch.heartbeat();
      await take(message, parts);
    });
  } finally {
    clearInterval(beating);
  }
}

async function take(message: Message, parts: PaymentWorkerParts): Promise<void> {
  const command = parseRechargeCommand(message);
  const rejection = 'code' in command ? command : await execute(command, parts);
  if (rejection === undefined) return;
  await parts.bus.publish(parts.deadLetterTopic, [deadLetter(message, rejection)]);
  parts.watch.onDeadLetter(message, rejection);
}

async function execute(command: RechargeCommand, parts: PaymentWorkerParts): Promise<CommandRejection | undefined> {
  try {
    const rejection = contradiction(command, await parts.recharges.find(command));
    if (rejection !== undefined) return rejection;
    parts.watch.onCommand(command, await parts.process.work(command));
    return undefined;
  } catch (error) {
    if (error instanceof StreamUnreadable) return rejected('stream-unreadable', error.message);
    throw error;
  }
}
