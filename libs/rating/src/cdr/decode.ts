// Step CDR, bytes: a message's bytes in, its text or its JSON records out, or a coded rejection.
import { type CdrParse, type Cdr, type CdrRejection, isCdrRejection, MAX_CDR_BYTES, rejectCdr, shown } from './cdr.js';
import { isRecord, type UncheckedRecord } from './record-reader.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function textOf(bytes: Uint8Array): string | CdrRejection {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return rejectCdr('cdr-not-text', `the record's ${bytes.length} bytes are not UTF-8; expected UTF-8 text`);
  }
  if (bytes.length >= MAX_CDR_BYTES) {
    return rejectCdr('cdr-too-large', `the record has ${bytes.length} bytes; expected fewer than ${MAX_CDR_BYTES}`);
  }
  return text;
}

export function jsonOf(text: string): { readonly json: unknown } | CdrRejection {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not JSON';
    return rejectCdr('cdr-malformed', `the record held ${shown(text)}; expected JSON: ${shown(why)}`);
  }
}

export type RecordParser = (record: UncheckedRecord) => Cdr | CdrRejection | null;

/**
 * One JSON object, or an array of them, through a format's parser; null from it means "no CDR here". The first rejection
 * rejects the whole message, as a dead letter keeps its bytes whole.
 */
export function cdrsOfJson(json: unknown, parse: RecordParser): CdrParse {
  const values: readonly unknown[] = Array.isArray(json) ? json : [json];
  const cdrs: Cdr[] = [];
  for (const [index, value] of values.entries()) {
    const where = values.length > 1 ? `record ${index + 1}: ` : '';
    if (!isRecord(value)) {
      return rejectCdr('cdr-malformed', `${where}the record held ${shown(value)}; expected a JSON object`);
    }
    const parsed = parse(value);
    if (parsed === null) continue;
    if (isCdrRejection(parsed)) return { ...parsed, reason: where + parsed.reason };
    cdrs.push(parsed);
  }
  return { cdrs };
}

/** JSON bytes through a format's parser. */
export function cdrsOfJsonBytes(bytes: Uint8Array, parse: RecordParser): CdrParse {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const decoded = jsonOf(text);
  return isCdrRejection(decoded) ? decoded : cdrsOfJson(decoded.json, parse);
}
