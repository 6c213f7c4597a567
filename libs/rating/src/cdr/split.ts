// Step CDR, bodies: the chunks of an HTTP body or a file in, one record's bytes after another out, each with its index and
// line, or with a coded rejection where no record could be cut out. What a record says is not looked at here.
import { MAX_CDR_BYTES } from './cdr.js';
import { isAsteriskHeader } from './asterisk-csv.js';
import { isCiscoHeader } from './cisco-cucm.js';
import { csvRows } from './csv.js';
import { isBlank, joined, jsonScanner, lineScanner, type Scanner, type SplitRecord } from './split-scanners.js';

/** `json` is one array, one object, or objects side by side; `ndjson` one object a line; `csv` rows with or without header. */
export type BodyKind = 'json' | 'ndjson' | 'csv';

export type CdrSplitter = {
  readonly push: (chunk: Uint8Array) => readonly SplitRecord[];
  readonly end: () => readonly SplitRecord[];
};

const BY_MEDIA_TYPE: Readonly<Record<string, BodyKind>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
};

/** `text/csv; charset=utf-8` → `csv`; null for a media type that does not tell. */
export function bodyKindOf(mediaType: string | undefined): BodyKind | null {
  const name = mediaType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return Object.hasOwn(BY_MEDIA_TYPE, name) ? (BY_MEDIA_TYPE[name] ?? null) : null;
}

/** With `kind` null the body's own beginning tells. */
export function createCdrSplitter(kind: BodyKind | null = null): CdrSplitter {
  let scanner: Scanner | null = null;
  let head: Uint8Array = new Uint8Array(0);
  const begin = (chunk: Uint8Array, isEnd: boolean, out: SplitRecord[]): void => {
    head = joined([head, chunk], head.length + chunk.length);
    // A byte-order mark would become part of the first record.
    if (head.length < BYTE_ORDER_MARK.length && !isEnd) return;
    const body = BYTE_ORDER_MARK.every((byte, at) => head[at] === byte) ? head.subarray(BYTE_ORDER_MARK.length) : head;
    const found = kind ?? kindOfHead(body, isEnd);
    if (found === null) return;
    scanner = found === 'json' ? jsonScanner() : lineScanner(found === 'csv', found === 'csv' ? isCsvHeader : never);
    head = new Uint8Array(0);
    scanner.push(body, out);
  };
  return {
    push(chunk) {
      const out: SplitRecord[] = [];
      if (scanner === null) begin(chunk, false, out);
      else scanner.push(chunk, out);
      return out;
    },
    end() {
      const out: SplitRecord[] = [];
      if (scanner === null) begin(new Uint8Array(0), true, out);
      scanner?.end(out);
      return out;
    },
  };
}

export async function* splitCdrs(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  kind: BodyKind | null = null,
): AsyncGenerator<SplitRecord, void, undefined> {
  const splitter = createCdrSplitter(kind);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Null as long as the head does not tell: all blank, or an object whose first line is not complete. */
function kindOfHead(head: Uint8Array, isEnd: boolean): BodyKind | null {
  if (isBlank(head)) return isEnd ? 'ndjson' : null;
  const start = new TextDecoder().decode(head).trimStart();
  if (start.startsWith('[')) return 'json';
  if (start.startsWith('cdr=')) return 'ndjson';
  if (!start.startsWith('{')) return 'csv';
  const firstLine = start.slice(0, start.indexOf('\n') + 1);
  if (firstLine !== '') return isJson(firstLine) ? 'ndjson' : 'json';
  return isEnd || head.length >= MAX_CDR_BYTES ? 'json' : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isCsvHeader(row: Uint8Array): boolean {
  const rows = csvRows(new TextDecoder().decode(row));
  const cells = 'code' in rows ? [] : (rows[0]?.cells ?? []);
  return isAsteriskHeader(cells) || isCiscoHeader(cells) || cells.some((cell) => cell.trim() === 'calledNumber');
}

function never(): boolean {
  return false;
}
