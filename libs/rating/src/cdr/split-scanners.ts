// Step CDR, bodies, the scanners: chunks of one kind of body in, the bytes of each record with its place out. Memory is one
// record (at most MAX_CDR_BYTES) and one chunk, however long the body is.
import { type CdrRejection, MAX_CDR_BYTES, rejectCdr } from './cdr.js';

/** `index` counts records from 0; `line` is the line the record begins on, from 1. */
export type SplitRecord = { readonly index: number; readonly line: number } & (
  | { readonly bytes: Uint8Array; readonly rejection: null }
  | { readonly bytes: null; readonly rejection: CdrRejection }
);

export type Scanner = {
  push(chunk: Uint8Array, out: SplitRecord[]): void;
  end(out: SplitRecord[]): void;
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

/** JSON values side by side, or the elements of one array. What is no JSON becomes a record too, for its parser to refuse. */
export function jsonScanner(): Scanner {
  return new JsonScanner();
}

class JsonScanner implements Scanner {
  readonly #gathering = new Gathering();
  #state: 'start' | 'between' | 'nested' | 'string' | 'bare' = 'start';
  #array: 'none' | 'open' | 'closed' = 'none';
  #depth = 0;
  #isEscaped = false;
  #line = 1;
  #startLine = 1;

  push(chunk: Uint8Array, out: SplitRecord[]): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      const isFirst = this.#isBetween() && this.#begins(byte);
      if (isFirst) from = at;
      const move = this.#isBetween() ? 'on' : this.#move(byte, isFirst);
      if (move !== 'on') {
        this.#gathering.add(chunk.subarray(from, move === 'ends' ? at + 1 : at));
        out.push(this.#gathering.take(this.#startLine));
        this.#state = 'between';
        if (move === 'ended' && this.#begins(byte)) from = at;
      }
      if (byte === LF) this.#line++;
    }
    if (!this.#isBetween()) this.#gathering.add(chunk.subarray(from));
  }

  end(out: SplitRecord[]): void {
    if (!this.#gathering.isEmpty) out.push(this.#gathering.take(this.#startLine));
    if (this.#array !== 'open') return;
    out.push(this.#gathering.reject(this.#line, 'the array has no closing bracket; expected ]'));
  }

  #isBetween(): boolean {
    return this.#state === 'start' || this.#state === 'between';
  }

  /** Whether the byte begins a record. */
  #begins(byte: number): boolean {
    if (isSpace(byte)) return false;
    if (this.#state === 'start' && byte === OPEN_BRACKET) {
      this.#state = 'between';
      this.#array = 'open';
      return false;
    }
    if (this.#array === 'open' && byte === COMMA) return false;
    if (this.#array === 'open' && byte === CLOSE_BRACKET) {
      this.#array = 'closed';
      return false;
    }
    this.#startLine = this.#line;
    this.#depth = 0;
    this.#state = 'bare';
    return true;
  }

  /** What the byte does to the record: it goes on, ends with this byte, or ended before it. */
  #move(byte: number, isFirst: boolean): 'on' | 'ends' | 'ended' {
    if (this.#state === 'string') return this.#moveInString(byte);
    if (byte === QUOTE) this.#state = 'string';
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth++;
      this.#state = 'nested';
    } else if (this.#state === 'nested' && (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) {
      this.#depth--;
      return this.#depth === 0 ? 'ends' : 'on';
    } else if (this.#state === 'bare' && !isFirst && endsBareWord(byte)) return 'ended';
    return 'on';
  }

  #moveInString(byte: number): 'on' | 'ends' {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#state = 'nested';
      return this.#depth === 0 ? 'ends' : 'on';
    }
    return 'on';
  }
}

function endsBareWord(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === CLOSE_BRACKET;
}
