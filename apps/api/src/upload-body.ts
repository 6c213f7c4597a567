// CDR step over HTTP, first thing: a request's body comes in as it was sent; its plain bytes go out, bounded and unpacked.

import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { problem } from './problem.js';

export const MAX_UPLOAD_BYTES = 16 * 1_048_576;

export type UploadBound = { readonly maxBytes: number; readonly advice: string };
const OF_RECORDS: UploadBound = { maxBytes: MAX_UPLOAD_BYTES, advice: 'send the records in several' };

/** Chunks as they come, from the first that is not blank, never the whole. The bound holds for what is sent and for what it unpacks to. */
export function uploadBody(
  body: Readable,
  encoding: string | undefined,
  contentLength: string | undefined,
  bound = OF_RECORDS,
): AsyncIterable<Uint8Array> {
  if (Number(contentLength) > bound.maxBytes) throw tooLarge(bound);
  const sent = bounded(body, bound);
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return withoutBlankStart(sent);
    case 'gzip':
    case 'x-gzip':
      return withoutBlankStart(unpacked(sent, bound));
    default:
      throw problem('media-type-unsupported', `Content-Encoding ${encoding} is not supported; send gzip or no encoding.`);
  }
}

async function* bounded(body: Readable, bound: UploadBound): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  // Destroying a request's stream would cut the connection before the refusal is out.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bound.maxBytes) throw tooLarge(bound);
    yield chunk;
  }
}

async function* unpacked(packed: AsyncIterable<Uint8Array>, bound: UploadBound): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(packed, gunzip, () => undefined);
  try {
    yield* bounded(gunzip, bound);
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

function tooLarge({ maxBytes, advice }: UploadBound): Error {
  return problem('body-too-large', `A request may hold at most ${maxBytes} bytes; ${advice}.`);
}
