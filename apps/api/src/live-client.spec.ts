// One listener of the live balance, on a real connection: frames in any order of arrival, and a listener that does not read.

import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitFor } from '@tollkeeper/testing';
import { LiveClient, MAX_HELD_FRAMES, type Frame } from './live-client.js';

let server: Server;
let responses: ServerResponse[];
beforeEach(async () => {
  responses = [];
  server = createServer((_request, response) => void responses.push(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const frame = (revision: number, text = `<${revision}>`): Frame => ({ revision, text });
const stream = (frames: readonly Frame[]) =>
  async function* (fromRevision: number): AsyncGenerator<Frame> {
    yield* frames.filter(({ revision }) => revision >= fromRevision);
  };

async function connected(): Promise<{ response: ServerResponse; text: Promise<string>; pause: () => void }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  let text = '';
  socket.on('data', (chunk) => void (text += chunk.toString()));
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  socket.on('error', () => undefined);
  const [response] = await waitFor(() => (responses.length > 0 ? responses : undefined), { timeoutMs: 2_000, what: 'a request' });
  return { response: response as ServerResponse, text: ended, pause: () => void socket.pause() };
}

const revisionsIn = (text: string): readonly number[] => [...text.matchAll(/<(\d+)>/g)].map((match) => Number(match[1]));

test('what was read and what was held back come out once each, in order; a revision that was skipped is read again', async () => {
  const { response, text } = await connected();
  const stored = [1, 2, 3, 4].map((revision) => frame(revision));
  const client = new LiveClient(response, 1, (from) => stream(stored)(from));
  client.begin();
  client.offer(frame(3));
  client.offer(frame(4));
  await client.goLive();
  client.offer(frame(4));
  stored.push(frame(5), frame(6), frame(7));
  // The subscription ran ahead of what was delivered: 5 was never offered.
  client.offer(frame(6));
  client.offer(frame(7));
  await waitFor(() => response.writableLength === 0, { timeoutMs: 2_000, what: 'the frames to be sent' });
  client.end();
  response.socket?.end();
  expect(revisionsIn(await text)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('a listener that does not read is cut, and so is one with too much held back', async () => {
  const { response, pause } = await connected();
  pause();
  const client = new LiveClient(response, 1, stream([]));
  client.begin();
  await client.goLive();
  const big = 'x'.repeat(100_000);
  let revision = 0;
  while (!client.closed.aborted && revision < 1_000) {
    revision += 1;
    client.offer(frame(revision, big));
  }
  expect(revision).toBeLessThan(1_000);

  responses = [];
  const other = await connected();
  const held = new LiveClient(other.response, 1, stream([]));
  for (let n = 1; n <= MAX_HELD_FRAMES; n += 1) held.offer(frame(n));
  expect(held.closed.aborted).toBe(false);
  held.offer(frame(MAX_HELD_FRAMES + 1));
  expect(held.closed.aborted).toBe(true);
});
