// Which address opens which engine, and which is refused.
import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMessageBus } from './open.js';

const folder = mkdtempSync(join(tmpdir(), 'message-bus-open-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

describe('openMessageBus', () => {
  test.each([
    ['memory:', 'memory'],
    [`sqlite:${join(folder, 'bus.sqlite')}`, 'sqlite'],
    ['kafka:127.0.0.1:9092', 'kafka'],
    ['kafka://one:9092,two:9093', 'kafka'],
    ['one.example:9092, [::1]:9093', 'kafka'],
  ])('%s opens %s', async (url, kind) => {
    const bus = openMessageBus(url, { clientId: 'test' });
    expect(bus.kind).toBe(kind);
    await bus.close();
  });

  test.each(['', 'sqlite:', 'kafka:', 'kafka:host', 'host', 'host:0', 'host:70000', 'host:9092,', 'amqp://host:5672'])(
    '"%s" is refused with the forms that are taken',
    (url) => {
      expect(() => openMessageBus(url, { clientId: 'test' })).toThrow(`"${url}" is no address of a message bus; write memory:,`);
    },
  );
});
