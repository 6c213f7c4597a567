// Step CDR, bodies, the scanners: chunks of one kind of body in, the bytes of each record with its place out. Memory is one
// record (at most MAX_CDR_BYTES) and one chunk, however long the body is.
import { type CdrRejection, MAX_CDR_BYTES, rejectCdr } from './cdr.js';

/** `index` counts records from 0; `line` is the line the record begins on, from 1. */
export type SplitRecord = { readonly index: number; readonly line: number } & (
  | { readonly bytes: Uint8Array; readonly rejection: null }
  | { readonly bytes: null; readonly rejection: CdrRejection }
);

export type Scanner = {
  readonly push: (chunk: Uint8Array, out: SplitRecord[]) => void;
  readonly end: (out: SplitRecord[]) => void;
};

const LF = 10;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** The bytes of the record being read, over as many chunks as it takes. */
class Gathering {
  #parts: Uint8Array[] = [];
  #size = 0;
  #index = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(part: Uint8Array): void {
    this.#size += part.length;
    // From here on the record is too large, and only its size is of interest.
    if (this.#size >= MAX_CDR_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  take(line: number, before: Uint8Array | null = null): SplitRecord {
    const index = this.#index++;
    const size = this.#size + (before === null ? 0 : before.length + 1);
    const parts = before === null ? this.#parts : [before, Uint8Array.of(LF), ...this.#parts];
    this.#parts = [];
    this.#size = 0;
    if (size >= MAX_CDR_BYTES) {
      const reason = `the record has ${size} bytes; expected fewer than ${MAX_CDR_BYTES}`;
      return { index, line, bytes: null, rejection: rejectCdr('cdr-too-large', reason) };
    }
    return { index, line, bytes: joined(parts, size), rejection: null };
  }

  /** The record last taken was none: a blank line or a header. */
  forget(): void {
    this.#index--;
  }

  reject(line: number, reason: string): SplitRecord {
    return { index: this.#index++, line, bytes: null, rejection: rejectCdr('cdr-malformed', reason) };
  }
}

export function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => isSpace(byte));
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === LF || byte === 13 || byte === 9;
}

/**
 * One record a line. With `quotes` a line break inside quotes does not end the row; `isHeader` looks at the first row, and a
 * header stands before every row it hands out, so that each record is understood, and put aside, alone.
 */
export function lineScanner(quotes: boolean, isHeader: (row: Uint8Array) => boolean): Scanner {
  const gathering = new Gathering();
  let header: Uint8Array | null = null;
  let isFirst = true;
  let inQuotes = false;
  let line = 1;
  let startLine = 1;
  const emit = (out: SplitRecord[]): void => {
    const record = gathering.take(startLine, header);
    startLine = line;
    const row = record.bytes;
    if (row !== null && isBlank(header === null ? row : row.subarray(header.length))) return gathering.forget();
    if (isFirst && row !== null && isHeader(row)) {
      header = row;
      gathering.forget();
    } else out.push(record);
    isFirst = false;
  };
  return {
    push(chunk, out) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (byte === QUOTE && quotes) inQuotes = !inQuotes;
        if (byte !== LF) continue;
        line++;
        if (inQuotes) continue;
        gathering.add(chunk.subarray(from, at));
        from = at + 1;
        emit(out);
      }
      gathering.add(chunk.subarray(from));
    },
    end(out) {
      if (!gathering.isEmpty) emit(out);
    },
  };
}

function endsBareWord(byte: number | undefined): boolean {
  return byte === undefined || isSpace(byte) || byte === COMMA || byte === CLOSE_BRACKET;
}

/** JSON values side by side, or the elements of one array. What is no JSON becomes a record too, for its parser to refuse. */
export function jsonScanner(): Scanner {
  const gathering = new Gathering();
  let state: 'start' | 'between' | 'nested' | 'string' | 'bare' = 'start';
  let array: 'none' | 'open' | 'closed' = 'none';
  let depth = 0;
  let isEscaped = false;
  let line = 1;
  let startLine = 1;

  /** Whether the byte begins a record. */
  const begins = (byte: number | undefined): boolean => {
    if (byte === undefined || isSpace(byte)) return false;
    if (state === 'start' && byte === OPEN_BRACKET) {
      state = 'between';
      array = 'open';
      return false;
    }
    if (array === 'open' && byte === COMMA) return false;
    if (array === 'open' && byte === CLOSE_BRACKET) {
      array = 'closed';
      return false;
    }
    startLine = line;
    depth = 0;
    state = 'bare';
    return true;
  };

  /** How far the byte moves the record on: it goes on, ends with this byte, or ended before it. */
  const moves = (byte: number | undefined, isFirst: boolean): 'on' | 'ends' | 'ended' => {
    if (state === 'string') {
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) {
        state = depth === 0 ? 'bare' : 'nested';
        if (depth === 0) return 'ends';
      }
      return 'on';
    }
    if (byte === QUOTE) state = 'string';
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      state = 'nested';
    } else if (state === 'nested' && (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) {
      depth--;
      if (depth === 0) return 'ends';
    } else if (state === 'bare' && !isFirst && endsBareWord(byte)) return 'ended';
    return 'on';
  };

  const isBetween = (): boolean => state === 'start' || state === 'between';
  return {
    push(chunk, out) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        const isFirst = isBetween() && begins(byte);
        if (isFirst) from = at;
        if (!isBetween()) {
          const move = moves(byte, isFirst);
          if (move !== 'on') {
            gathering.add(chunk.subarray(from, move === 'ends' ? at + 1 : at));
            state = 'between';
            out.push(gathering.take(startLine));
            if (move === 'ended' && begins(byte)) from = at;
          }
        }
        if (byte === LF) line++;
      }
      if (!isBetween()) gathering.add(chunk.subarray(from));
    },
    end(out) {
      if (!gathering.isEmpty) out.push(gathering.take(startLine));
      if (array === 'open') out.push(gathering.reject(line, 'the array has no closing bracket; expected ]'));
    },
  };
}
