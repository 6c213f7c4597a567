// Step CDR, guards: one record's named fields in, typed values out, with the first fault by precedence remembered.
//
// A reader never throws and never stops: a format reads all it needs and then asks for `fault` once.
import {
  type CdrRejection,
  firstRejection,
  MAX_INSTANT_MS,
  MAX_TEXT_CHARS,
  MAX_USAGE_MS,
  MIN_INSTANT_MS,
  rejectCdr,
  shown,
} from './cdr.js';
import { parseInstant } from './times.js';

export type UncheckedRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is UncheckedRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type ReaderOptions = {
  /** What stands before a field's name in the record, e.g. `variable_`. */
  readonly prefix?: string;
  /** What stands before a field's name in a reason only, e.g. `variables.`. */
  readonly path?: string;
  /** Whole numbers are taken for text, as switches write ids and extensions unquoted. */
  readonly numbersAreText?: boolean;
  readonly decode?: (text: string) => string;
};

export class RecordReader {
  fault: CdrRejection | null = null;
  readonly #record: UncheckedRecord;
  readonly #prefix: string;
  readonly #path: string;
  readonly #numbersAreText: boolean;
  readonly #decode: ((text: string) => string) | null;

  constructor(record: UncheckedRecord, options: ReaderOptions = {}) {
    this.#record = record;
    this.#prefix = options.prefix ?? '';
    this.#path = options.path ?? '';
    this.#numbersAreText = options.numbersAreText ?? false;
    this.#decode = options.decode ?? null;
  }

  value(field: string): unknown {
    // Plain access is safe and twice as fast as Object.hasOwn: no field of any format is a name of Object.prototype, and
    // JSON.parse makes of "__proto__" an own property like any other.
    return this.#record[this.#prefix === '' ? field : this.#prefix + field];
  }

  /** Does nothing for a field that is there: what is wrong with it has been said. */
  missing(field: string, expected: string): void {
    const held = this.value(field);
    const isAbsent = held === undefined || held === null || (typeof held === 'string' && held.trim() === '');
    if (!isAbsent) return;
    const name = this.#path + this.#prefix + field;
    this.fault = firstRejection(this.fault, rejectCdr('cdr-field-missing', `${name} is missing; expected ${expected}`, name));
  }

  invalid(field: string, held: unknown, expected: string): void {
    const name = this.#path + this.#prefix + field;
    const reason = `${name} held ${shown(held)}; expected ${expected}`;
    this.fault = firstRejection(this.fault, rejectCdr('cdr-field-invalid', reason, name));
  }

  /** Trimmed text, or null when absent, null or blank. */
  text(field: string): string | null {
    const held = this.value(field);
    if (held === undefined || held === null || held === '') return null;
    if (typeof held !== 'string') {
      if (this.#numbersAreText && Number.isSafeInteger(held)) return String(held);
      this.invalid(field, held, 'a text');
      return null;
    }
    const text = trimmed(this.#decode === null ? held : this.#decode(held));
    if (text.length > MAX_TEXT_CHARS) {
      this.invalid(field, held, `at most ${MAX_TEXT_CHARS} characters, not ${text.length}`);
      return null;
    }
    if (!isPrintable(text)) {
      this.invalid(field, text, 'a text without control characters or broken surrogates');
      return null;
    }
    return text === '' ? null : text;
  }

  requiredText(field: string, expected: string): string {
    const text = this.text(field);
    if (text === null) this.missing(field, expected);
    return text ?? '';
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T | null {
    const text = this.text(field);
    if (text === null) return null;
    const found = allowed.find((word) => word === text);
    if (found === undefined) this.invalid(field, text, `one of ${allowed.join(', ')}`);
    return found ?? null;
  }

  /** ISO 8601 text, or a number of `unitMs`; null when absent. */
  instantMs(field: string, timezone: string | null, unitMs = 1, notBeforeMs: number | null = null): number | null {
    const held = this.value(field);
    if (typeof held === 'number') return this.boundInstantMs(field, held, scaledMs(held, unitMs));
    const text = this.text(field);
    if (text === null) return null;
    const isNumber = text.length < 19 && /^\d{9,13}(\.\d{1,6})?$/.test(text);
    const instantMs = isNumber ? scaledMs(Number(text), unitMs) : parseInstant(text, timezone, notBeforeMs);
    return this.boundInstantMs(field, text, instantMs);
  }

  boundInstantMs(field: string, held: unknown, instantMs: number): number | null {
    if (instantMs >= MIN_INSTANT_MS && instantMs < MAX_INSTANT_MS) return instantMs;
    this.invalid(field, held, 'an instant from 2000 to 2099, ISO 8601 with its offset');
    return null;
  }

  /** A number of `unitMs` as milliseconds, 0 to 31 days; null when absent. */
  usageMs(field: string, unitMs: number): number | null {
    const held = this.value(field);
    if (held === undefined || held === null || held === '') return null;
    const figure = typeof held === 'string' && /^\s*\d{1,12}(\.\d{1,9})?\s*$/.test(held) ? Number(held) : held;
    const ms = typeof figure === 'number' ? scaledMs(figure, unitMs) : NaN;
    if (ms >= 0 && ms <= MAX_USAGE_MS && (unitMs > 1 || figure === ms)) return ms;
    this.invalid(field, held, unitMs === 1 ? 'whole milliseconds from 0 to 31 days' : 'seconds from 0 to 31 days');
    return null;
  }

  /** For a usage that is a difference of instants. */
  boundUsageMs(field: string, usageMs: number): void {
    if (usageMs > MAX_USAGE_MS) this.invalid(field, usageMs, 'an end at most 31 days after the answer');
  }

  /** A decimal amount as text. A JSON number prints as the decimal it was written as; nothing is computed with it. */
  amount(field: string): string | null {
    const held = this.value(field);
    const text = typeof held === 'number' ? String(held) : this.text(field);
    if (text === null || /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return text;
    this.invalid(field, held, 'a decimal amount');
    return null;
  }

  /** The order of a call: setup, answer, end. */
  ordered(earlierField: string, earlierMs: number | null, laterField: string, laterMs: number | null): void {
    if (earlierMs === null || laterMs === null || earlierMs <= laterMs) return;
    const expected = `an instant not before ${earlierField}, ${new Date(earlierMs).toISOString()}`;
    this.invalid(laterField, new Date(laterMs).toISOString(), expected);
  }
}

/** Most texts have nothing to trim, and looking first is cheaper than the call. */
function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first > 32 && first < 160 && last > 32 && last < 160 ? text : text.trim();
}

/** Rounded before it is truncated, so that 67.541 s, which is 67540.99999999999 in binary, stays 67541 ms. */
function scaledMs(figure: number, unitMs: number): number {
  return Math.trunc(Math.round(figure * unitMs * 1000) / 1000);
}

/** No C0, DEL or C1 control, and well-formed UTF-16, without which neither a hash nor canonical JSON is defined. */
function isPrintable(text: string): boolean {
  let wide = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || (code >= 127 && code < 160)) return false;
    if (code >= 0xd800) wide = true;
  }
  return !wide || text.isWellFormed();
}
