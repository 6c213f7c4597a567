// Step CDR, OpenSIPS: an event of the acc module as event_kafka publishes it, a JSON-RPC notification, in, `Cdr`s out, or a coded
// rejection. Read against acc_logic.c and the module's documentation of E_ACC_CDR.
//
// CDR id: Call-ID and both tags (sip-accounting.ts, which also names the extra fields that a script must add).
//
// Usage: `duration` is whole seconds rounded up and the switch's own figure; `ms_duration` is exact, and older versions lack
// it. `time` is when the call was established, `created` when its dialog was, `setuptime` the seconds between them.
//
// Interim: E_ACC_EVENT tells of one transaction, and is put aside; so a switch without CDR accounting is noticed. A refused INVITE
// there, and E_ACC_MISSED_EVENT, are calls that were never answered. Other events of the switch are no accounting at all.
import { type Cdr, type CdrRejection } from './cdr.js';
import { isRecord, RecordReader, type UncheckedRecord } from './record-reader.js';
import { interimRecord, isUnanswered, sipCdr } from './sip-accounting.js';

export const OPENSIPS_PARSER_VERSION = 1;

const SECOND_MS = 1000;
const ACCOUNTING = new Set(['E_ACC_CDR', 'E_ACC_EVENT', 'E_ACC_MISSED_EVENT']);

export function opensipsCdr(record: UncheckedRecord): Cdr | CdrRejection | null {
  const { method, params } = record;
  if (typeof method === 'string' && !ACCOUNTING.has(method)) return null;
  const read = new RecordReader(paramsOf(params), { path: 'params.', numbersAreText: true });
  if (typeof method !== 'string') new RecordReader(record).requiredText('method', 'the name of the event');
  if (method === 'E_ACC_CDR') return answered(read);
  if (method === 'E_ACC_EVENT' && !isUnanswered(read)) return interimRecord(`of one transaction (${method})`);
  return sipCdr(read, { ...IDENTITY, setupTimeMs: setupOf(read), answerTimeMs: null, usageMs: 0, switchUsage: null });
}

const IDENTITY = { format: 'opensips-event', parserVersion: OPENSIPS_PARSER_VERSION } as const;

function answered(read: RecordReader): Cdr | CdrRejection {
  const exactMs = read.usageMs('ms_duration', 1);
  const roundedMs = read.usageMs('duration', SECOND_MS);
  const usageMs = exactMs ?? roundedMs;
  if (usageMs === null) read.missing('duration', 'seconds, or ms_duration');
  const setupTimeMs = read.instantMs('created', null, SECOND_MS);
  const answerTimeMs = read.instantMs('time', null, SECOND_MS) ?? answerBySetup(read, setupTimeMs);
  if (answerTimeMs === null) read.missing('time', 'seconds since 1970, when the call was established');
  read.ordered('created', setupTimeMs, 'time', answerTimeMs);
  return sipCdr(read, { ...IDENTITY, setupTimeMs, answerTimeMs, usageMs: usageMs ?? 0, switchUsage: read.text('duration') });
}

function answerBySetup(read: RecordReader, setupTimeMs: number | null): number | null {
  const setupMs = read.usageMs('setuptime', SECOND_MS);
  return setupTimeMs === null || setupMs === null ? null : setupTimeMs + setupMs;
}

function setupOf(read: RecordReader): number | null {
  const setupTimeMs = read.instantMs('created', null, SECOND_MS) ?? read.instantMs('time', null, SECOND_MS);
  if (setupTimeMs === null) read.missing('time', 'seconds since 1970');
  return setupTimeMs;
}

/** An object, or an array of objects with a name and a value each. */
function paramsOf(params: unknown): UncheckedRecord {
  if (isRecord(params)) return params;
  if (!Array.isArray(params)) return {};
  const pairs = params.filter(isRecord).map(({ name, value }) => [String(name), value] as const);
  return Object.fromEntries(pairs.filter(([name]) => name !== '__proto__'));
}
