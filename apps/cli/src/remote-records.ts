// Records of a file to the server that has the folder: pieces of the file as they were cut come in, bodies that the server cuts alike go
// to POST /v1/cdrs, and its answers come back by line.

import type { RecordOutcome, RecordSink, CdrOutcome } from '@tollkeeper/operations';
import type { CdrFormat, SplitRecord } from '@tollkeeper/rating';
import type { Server } from './remote.js';

/** Well below what the server takes in a request. */
const RECORDS_PER_PIECE = 2_000;
const BYTES_PER_PIECE = 2 * 1_048_576;

const LF = 10;
const QUOTE = 34;
const OPEN_BRACE = 123;

export type RemoteRecords = { readonly source: string; readonly format: CdrFormat | undefined; readonly file: string };

type Cut = SplitRecord & { readonly rejection: null };
/** Records of one kind that follow on each other. */
type Piece = { readonly type: string; readonly header: Buffer; readonly rows: Buffer[]; readonly records: Cut[]; bytes: number };
type Answer = { readonly records: readonly (CdrOutcome & { readonly record: number })[] };

export function serverSink(
  server: Server,
  { source, format, file }: RemoteRecords,
  onSent: (outcomes: readonly RecordOutcome[]) => void,
): RecordSink {
  let piece: Piece | undefined;
  const flush = async (): Promise<void> => {
    const sent = piece;
    piece = undefined;
    const [first] = sent?.records ?? [];
    if (sent === undefined || first === undefined) return;
    const { records } = await server.ask<Answer>('POST', '/v1/cdrs', {
      text: { type: sent.type, content: bodyOf(sent) },
      query: { source, format, file, firstRecord: first.index + 1 },
    });
    const byRecord = Map.groupBy(records, ({ record }) => record);
    onSent(
      sent.records.map(({ index, line }, at) => ({
        index,
        line,
        outcomes: byRecord.get(at + 1) ?? [],
      })),
    );
  };
  return {
    async add(record) {
      if (record.rejection !== null) {
        // No bytes could be cut out: there is nothing to send.
        await flush();
        onSent([{ index: record.index, line: record.line, outcomes: [{ status: 'rejected', ...record.rejection }] }]);
        return;
      }
      const { type, header, row } = formOf(record.bytes);
      if (piece !== undefined && (piece.type !== type || !piece.header.equals(header) || isFull(piece))) await flush();
      piece ??= { type, header, rows: [], records: [], bytes: header.length };
      piece.rows.push(row);
      piece.records.push(record);
      piece.bytes += row.length;
    },
    flush,
  };
}

function isFull({ records, bytes }: Piece): boolean {
  return records.length >= RECORDS_PER_PIECE || bytes >= BYTES_PER_PIECE;
}

function bodyOf({ type, header, rows }: Piece): Buffer {
  const between = Buffer.from(type === 'application/json' ? ',' : '\n');
  const parts = rows.flatMap((row) => [row, between]);
  if (type === 'application/json') return Buffer.concat([Buffer.from('['), ...parts.slice(0, -1), Buffer.from(']')]);
  return header.length === 0 ? Buffer.concat(parts) : Buffer.concat([header, between, ...parts]);
}

/**
 * A record of one line goes as a line, whatever it is. JSON over several lines was whole when it was cut out, and a row of a CSV comes
 * with its header before it.
 */
function formOf(bytes: Uint8Array): { readonly type: string; readonly header: Buffer; readonly row: Buffer } {
  const row = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const none = Buffer.alloc(0);
  if (!row.includes(LF)) return { type: 'application/x-ndjson', header: none, row };
  if (row[0] === OPEN_BRACE) return { type: 'application/json', header: none, row };
  const end = endOfHeader(row);
  return { type: 'text/csv', header: row.subarray(0, Math.max(end, 0)), row: row.subarray(end + 1) };
}

/** The first line break outside quotes; -1 in a row without a header. */
function endOfHeader(row: Buffer): number {
  let inQuotes = false;
  for (let at = 0; at < row.length; at += 1) {
    if (row[at] === QUOTE) inQuotes = !inQuotes;
    else if (row[at] === LF && !inQuotes) return at;
  }
  return -1;
}
