// Step CDR, Kamailio: a record of acc_json, an object of texts, in, one `Cdr` out, or a coded rejection. Read against
// acc_json_mod.c and acc_cdr.c.
//
// CDR id: Call-ID and both tags (sip-accounting.ts, which also names the extra fields). A CDR holds only start_time, end_time,
// duration and what cdr_extra adds, so `callid` must be among it: "callid=$ci;from_tag=$ft;to_tag=$tt;src_user=$fU;dst_user=$rU".
//
// Usage: `duration` is a text of seconds with milliseconds, "12.345", and also the switch's own figure; with cdr_start_on_confirmed
// start_time is the answer, without it the INVITE, so that setting is needed. Times are seconds since 1970, with a fraction.
//
// Interim: a record with `method` and without `duration` tells of one transaction and is put aside, but for a refused INVITE,
// which is a call that was never answered. Its `time` is written in the machine's zone: the source's timezone.
import { type Cdr, type CdrRejection } from './cdr.js';
import { RecordReader, type UncheckedRecord } from './record-reader.js';
import { interimRecord, isUnanswered, sipCdr } from './sip-accounting.js';
import type { SourceSettings } from './source.js';

export const KAMAILIO_PARSER_VERSION = 1;

const SECOND_MS = 1000;
const IDENTITY = { format: 'kamailio-acc-json', parserVersion: KAMAILIO_PARSER_VERSION } as const;

export function kamailioCdr(record: UncheckedRecord, source: SourceSettings): Cdr | CdrRejection {
  const read = new RecordReader(record, { numbersAreText: true });
  if (record['duration'] === undefined && record['method'] !== undefined) return transaction(read, source);
  const answerTimeMs = read.instantMs('start_time', null, SECOND_MS);
  const endTimeMs = read.instantMs('end_time', null, SECOND_MS);
  const usageMs = read.usageMs('duration', SECOND_MS);
  if (answerTimeMs === null) read.missing('start_time', 'seconds since 1970');
  if (usageMs === null) read.missing('duration', 'seconds such as 12.345');
  read.ordered('start_time', answerTimeMs, 'end_time', endTimeMs);
  return sipCdr(read, {
    ...IDENTITY,
    setupTimeMs: null,
    answerTimeMs,
    usageMs: usageMs ?? 0,
    switchUsage: read.text('duration'),
  });
}

function transaction(read: RecordReader, source: SourceSettings): Cdr | CdrRejection {
  if (!isUnanswered(read)) return interimRecord('of one transaction');
  const setupTimeMs = read.instantMs('time', source.timezone);
  if (setupTimeMs === null) read.missing('time', 'an instant such as 2026-03-02 09:00:08');
  return sipCdr(read, { ...IDENTITY, setupTimeMs, answerTimeMs: null, usageMs: 0, switchUsage: null });
}
