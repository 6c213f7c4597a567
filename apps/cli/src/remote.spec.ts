// Answers that come line by line: the lines before the last tell how far it is; the last is the answer, or what ended the work.

import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Server } from './remote.js';

const opened: HttpServer[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

/** Answers as the HTTP API does, in pieces that are no lines. */
async function serverThatSends(pieces: readonly string[]): Promise<Server> {
  const server = createServer((asked, answer) => {
    answer.writeHead(200, { 'content-type': asked.headers.accept });
    for (const piece of pieces) answer.write(piece);
    answer.end();
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new Server(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined);
}

async function rerate(server: Server): Promise<{ readonly lines: readonly object[]; readonly answer: unknown }> {
  const lines: object[] = [];
  const answer = await server.ask('POST', '/v1/rerates', { body: {}, onProgress: (line) => lines.push(line) });
  return { lines, answer };
}

test('progress is heard, and the last line is the answer', async () => {
  const server = await serverThatSends([
    '{"rated":10}\n{"ra',
    'ted":20}\n',
    '{"replaced":1,"of":2}\n{"checked":20,"cha',
    'nges":[]}\n',
  ]);
  expect(await rerate(server)).toEqual({
    lines: [{ rated: 10 }, { rated: 20 }, { replaced: 1, of: 2 }],
    answer: { checked: 20, changes: [] },
  });
});

test('a problem in the last line is the refusal that it is without lines', async () => {
  const server = await serverThatSends(['{"rated":10}\n', '{"status":503,"code":"engine-unavailable","detail":"away"}\n']);
  await expect(rerate(server)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('engine-unavailable: away'),
  });
});
