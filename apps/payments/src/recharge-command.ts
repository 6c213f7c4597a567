// Payment step's way in: a message of the bus → the recharge it commands, or the code it is put aside with.

import type { Message, MessageToPublish } from '@tollkeeper/message-bus';
import { parseMicros } from '@tollkeeper/money';
import { CloudEvent, Kafka } from 'cloudevents';
import type { Recharge } from './recharges.js';

const COMMAND_TYPE = 'tollkeeper.recharge.requested.v1';

export const COMMAND_REJECTION_CODES = [
  'command-not-a-cloudevent', // headers or value are no CloudEvent 1.0 with JSON data
  'command-of-other-type', // a CloudEvent, but no recharge command of a version that this program knows
  'command-field-invalid', // a field is missing, of another type, or contradicts another one
  'command-contradicts-stream', // the stream asks for another amount or currency; the sweep pays what the stream says
  'recharge-unknown', // the tenant's stream holds no such recharge
  'stream-unreadable', // the tenant's stream cannot be folded; the sweep takes the recharge up when it can
] as const;
export type CommandRejectionCode = (typeof COMMAND_REJECTION_CODES)[number];
export type CommandRejection = { readonly code: CommandRejectionCode; readonly reason: string };

export type RechargeCommand = {
  readonly tenant: string;
  readonly rechargeId: string;
  readonly amountMicros: bigint;
  readonly currency: string;
};

export function parseRechargeCommand(message: Message): RechargeCommand | CommandRejection {
  const event = cloudEventIn(message);
  if ('reason' in event) return rejected('command-not-a-cloudevent', event.reason);
  const { type, subject, data } = event;
  if (type !== COMMAND_TYPE) return rejected('command-of-other-type', `its type is ${String(type)}, not ${COMMAND_TYPE}`);
  const { tenant, rechargeId, amount, currency } = Object(data) as Readonly<Record<string, unknown>>;
  if (!isText(tenant)) return invalid('tenant', tenant);
  if (subject !== tenant) return rejected('command-field-invalid', `its subject is ${String(subject)}, its tenant ${tenant}`);
  if (!isText(rechargeId)) return invalid('rechargeId', rechargeId);
  if (!isText(currency)) return invalid('currency', currency);
  const amountMicros = typeof amount === 'string' ? parseMicros(amount) : undefined;
  if (amountMicros === undefined || amountMicros <= 0n) return invalid('amount', amount);
  return { tenant, rechargeId, amountMicros, currency };
}

/** The stream is the truth; a command that says otherwise was altered on its way. */
export function contradiction(command: RechargeCommand, recharge: Recharge | undefined): CommandRejection | undefined {
  const { tenant, rechargeId } = command;
  if (recharge === undefined) return rejected('recharge-unknown', `tenant ${tenant} has no recharge ${rechargeId}`);
  if (command.amountMicros === recharge.amountMicros && command.currency === recharge.currency) return undefined;
  const asked = `${command.amountMicros} micro-units of ${command.currency}`;
  const standing = `${recharge.amountMicros} of ${recharge.currency}`;
  return rejected(
    'command-contradicts-stream',
    `recharge ${rechargeId} of tenant ${tenant}: ${asked}, the stream says ${standing}`,
  );
}

/** Bounded, so that a long reason cannot make a letter that the broker refuses. */
const MAX_REASON_CHARACTERS = 1_000;

/** Key and bytes intact; the headers are those that tools for Kafka know. */
export function deadLetter(message: Message, { code, reason }: CommandRejection): MessageToPublish {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'kafka_dlt-original-topic': message.topic,
      'kafka_dlt-original-partition': String(message.partition),
      'kafka_dlt-original-offset': String(message.offset),
      'kafka_dlt-exception-message': `${code}: ${reason}`.slice(0, MAX_REASON_CHARACTERS),
    },
  };
}

export function rejected(code: CommandRejectionCode, reason: string): CommandRejection {
  return { code, reason };
}

type UncheckedEvent = { readonly type: unknown; readonly subject?: unknown; readonly data?: unknown };

function cloudEventIn({ headers, key, value }: Message): UncheckedEvent | { readonly reason: string } {
  try {
    const kafkaMessage = { headers, key, value, body: value };
    const event = Kafka.toEvent<unknown>(kafkaMessage);
    if (!(event instanceof CloudEvent)) return { reason: 'it is a batch of CloudEvents; send one a message' };
    if (!event.validate()) return { reason: `its specversion is ${event.specversion}, not 1.0` };
    return event;
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

const MAX_TEXT_CHARACTERS = 200;

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_CHARACTERS;
}

function invalid(field: string, value: unknown): CommandRejection {
  return rejected('command-field-invalid', `its ${field} is ${value === undefined ? 'missing' : JSON.stringify(value)}`);
}
