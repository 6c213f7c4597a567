// The size that counts against a topic's bound: a message comes in, bytes of key, value and headers or a refusal go out.
import { BusError, type MessageToPublish } from './message-bus.js';

export function messageBytes({ key, value, headers }: MessageToPublish): number {
  let bytes = byteLength(key) + byteLength(value);
  for (const name in headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}

/** Looks at every message before the first is written, so that a refused publish leaves nothing behind. */
export function assertSizes(topic: string, maxMessageBytes: number, messages: readonly MessageToPublish[]): void {
  messages.forEach((message, index) => {
    const bytes = messageBytes(message);
    if (bytes > maxMessageBytes) throw tooLarge(topic, bytes, maxMessageBytes, `message ${index + 1} of ${messages.length}`);
  });
}

export function tooLarge(topic: string, bytes: number, maxMessageBytes: number, which: string, cause?: unknown): BusError {
  const text = `${which} for topic "${topic}" has ${bytes} bytes; the topic takes at most ${maxMessageBytes} (max.message.bytes).`;
  return new BusError('too-large', `${text} Send less or raise the topic's bound.`, { cause });
}

function byteLength(part: string | Buffer | null): number {
  return part === null ? 0 : Buffer.byteLength(part);
}
