// CDR step over HTTP, first thing: a request's body comes in as it was sent; its plain bytes go out, bounded and unpacked.

import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { problem } from './problem.js';

export const MAX_UPLOAD_BYTES = 16 * 1_048_576;

/** Chunks as they come, from the first that is not blank, never the whole. The bound holds for what is sent and for what it unpacks to. */
export function uploadBody(
  body: Readable,
  encoding: string | undefined,
  contentLength: string | undefined,
): AsyncIterable<Uint8Array> {
  if (Number(contentLength) > MAX_UPLOAD_BYTES) throw tooLarge();
  const sent = bounded(body);
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return withoutBlankStart(sent);
    case 'gzip':
    case 'x-gzip':
      return withoutBlankStart(unpacked(sent));
    default:
      throw problem('media-type-unsupported', `Content-Encoding ${encoding} is not supported; send gzip or no encoding.`);
  }
}

async function* bounded(body: Readable): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  // Destroying a request's stream would cut the connection before the refusal is out.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_UPLOAD_BYTES) throw tooLarge();
    yield chunk;
  }
}

async function* unpacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(packed, gunzip, () => undefined);
  try {
    yield* bounded(gunzip);
  } finally {
    gunzip.destroy();
  }
}

/** Whoever looks for the kind of a body keeps its start until it tells; megabytes of blanks would be looked at with each chunk. */
async function* withoutBlankStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isStart = true;
  for await (const chunk of chunks) {
    isStart &&= chunk.every((byte) => BLANKS.has(byte));
    if (!isStart) yield chunk;
  }
}

const BLANKS: ReadonlySet<number> = new Set([9, 10, 13, 32]);

/** What went wrong while a body was read, as the client should hear of it; undefined when it is not the body's fault. */
export function bodyFault(error: unknown): Error | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('Z_')) return undefined;
  return problem('request-unreadable', 'The body is not gzip, or it was cut off; its Content-Encoding says gzip.');
}

function tooLarge(): Error {
  return problem('body-too-large', `A request may hold at most ${MAX_UPLOAD_BYTES} bytes; send the records in several.`);
}
