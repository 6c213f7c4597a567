// Step CDR, Tollkeeper's own format: canonical JSON or CSV bytes in, `Cdr`s out, or a coded rejection.
//
// One JSON object per record (or an array of them); in CSV a header row names the same fields and an empty cell is null.
// Fields not listed here are ignored. Text is at most 256 characters.
//
//   id              the CDR id: unique within its source, for ever                                   required
//   calledNumber    as dialled or E.164                                                              required
//   callingNumber   absent, null or `anonymous` when withheld
//   setupTime, answerTime, endTime
//                   ISO 8601 with its offset, or epoch milliseconds. No answerTime: the call was not answered.
//                   Setup or answer is required.
//   usageMs         answered milliseconds, whole; by default endTime - answerTime
//   switchUsage     the switch's own figure, verbatim
//   callId, conferenceId, sessionId
//                   what ties legs, a conference, and the authorisation together
//   tenant, accountCode, sipDomain, trunk
//                   what names the tenant; `tenant` itself only where the source trusts it
//   direction       `inbound` or `outbound`, as the tenant sees it
//   category        `outbound`, `international`, `conference-dial-out`, `call-me`, `toll-free-inbound`, …
//   record          `final` (default), or `interim` for what a switch reports of a call in progress: put aside, never billed
//   notBillable     `a-leg`, `b-leg` or `internal-leg`: a leg that is recorded and not billed
//   userId, userPrincipalName, userDisplayName, userLocation, callType, numberType, domesticOrInternational,
//   destinationName, capability, switchCharge, switchConnectionCharge, switchCurrency
//                   columns of the usage report that only the switch knows
import { type Cdr, type CdrFormat, type CdrParse, type CdrRejection, isCdrRejection, rejectCdr } from './cdr.js';
import { csvRows, type CsvRow } from './csv.js';
import { cdrsOfJsonBytes, textOf } from './decode.js';
import { RecordReader, type UncheckedRecord } from './record-reader.js';
import { interimRecord } from './sip-accounting.js';

export const CANONICAL_PARSER_VERSION = 1;

/** Seconds-based switches round the usage up beside exact times: OpenSIPS takes the ceiling. */
const USAGE_TOLERANCE_MS = 1000;

const ISO_WITH_OFFSET_ONLY = null;

export function parseCanonicalJson(bytes: Uint8Array): CdrParse {
  return cdrsOfJsonBytes(bytes, canonicalCdr);
}

export function parseCanonicalCsv(bytes: Uint8Array): CdrParse {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const rows = csvRows(text);
  return 'code' in rows ? rows : canonicalCsvCdrs(rows);
}

export function canonicalCsvCdrs(rows: readonly CsvRow[]): CdrParse {
  const [header, ...records] = rows;
  if (header === undefined || records.length === 0) {
    return rejectCdr('cdr-malformed', 'the CSV has no record; expected a header row and at least one row');
  }
  const cdrs: Cdr[] = [];
  for (const { line, cells } of records) {
    if (cells.length !== header.cells.length) {
      const counts = `${cells.length} cells under a header of ${header.cells.length}`;
      return rejectCdr('cdr-malformed', `line ${line}: the row has ${counts}; expected as many`);
    }
    const named = Object.fromEntries(header.cells.map((name, at) => [name.trim(), cells[at]]));
    const cdr = canonicalCdr(named, 'canonical-csv');
    if (isCdrRejection(cdr)) return { ...cdr, reason: `line ${line}: ${cdr.reason}` };
    cdrs.push(cdr);
  }
  return { cdrs };
}

export function canonicalCdr(record: UncheckedRecord, format: CdrFormat = 'canonical-json'): Cdr | CdrRejection {
  const read = new RecordReader(record);
  if (read.oneOf('record', ['final', 'interim']) === 'interim') return interimRecord('an interim one');
  const times = readTimes(read);
  const leg = read.oneOf('notBillable', ['a-leg', 'b-leg', 'internal-leg', 'unanswered']);
  const cdr: Cdr = {
    format,
    parserVersion: CANONICAL_PARSER_VERSION,
    id: read.requiredText('id', 'the CDR id, unique within its source'),
    callId: read.text('callId'),
    conferenceId: read.text('conferenceId'),
    sessionId: read.text('sessionId'),
    tenantHints: {
      accountCode: read.text('accountCode'),
      sipDomain: read.text('sipDomain')?.toLowerCase() ?? null,
      trunk: read.text('trunk'),
      tenant: read.text('tenant'),
    },
    direction: read.oneOf('direction', ['inbound', 'outbound']),
    callingNumber: read.text('callingNumber'),
    calledNumber: read.requiredText('calledNumber', 'the number that was called'),
    category: read.text('category'),
    setupTimeMs: times.setupTimeMs,
    answerTimeMs: times.answerTimeMs,
    endTimeMs: times.endTimeMs,
    usageMs: times.usageMs,
    switchUsage: read.text('switchUsage'),
    notBillable: leg ?? (times.answerTimeMs === null ? 'unanswered' : null),
    userId: read.text('userId'),
    userPrincipalName: read.text('userPrincipalName'),
    userDisplayName: read.text('userDisplayName'),
    userLocation: read.text('userLocation'),
    callType: read.text('callType'),
    numberType: read.text('numberType'),
    domesticOrInternational: read.text('domesticOrInternational'),
    destinationName: read.text('destinationName'),
    capability: read.text('capability'),
    switchCharge: read.amount('switchCharge'),
    switchConnectionCharge: read.amount('switchConnectionCharge'),
    switchCurrency: read.text('switchCurrency'),
  };
  return read.fault ?? cdr;
}

type Times = Pick<Cdr, 'setupTimeMs' | 'answerTimeMs' | 'endTimeMs' | 'usageMs'>;

function readTimes(read: RecordReader): Times {
  const setupTimeMs = read.instantMs('setupTime', ISO_WITH_OFFSET_ONLY);
  const answerTimeMs = read.instantMs('answerTime', ISO_WITH_OFFSET_ONLY);
  const endTimeMs = read.instantMs('endTime', ISO_WITH_OFFSET_ONLY);
  const usageMs = read.usageMs('usageMs', 1);
  read.ordered('setupTime', setupTimeMs, 'answerTime', answerTimeMs);
  read.ordered('answerTime', answerTimeMs, 'endTime', endTimeMs);
  read.ordered('setupTime', setupTimeMs, 'endTime', endTimeMs);
  if (answerTimeMs === null) {
    if (usageMs !== null && usageMs > 0) read.missing('answerTime', 'the answer time of a call with usage');
    else if (setupTimeMs === null) read.missing('setupTime', 'setupTime or answerTime');
    return { setupTimeMs, answerTimeMs, endTimeMs, usageMs: 0 };
  }
  if (endTimeMs === null) {
    if (usageMs === null) read.missing('usageMs', 'usageMs or endTime of an answered call');
    return { setupTimeMs, answerTimeMs, endTimeMs: answerTimeMs + (usageMs ?? 0), usageMs: usageMs ?? 0 };
  }
  const upMs = endTimeMs - answerTimeMs;
  if (usageMs !== null && usageMs > upMs + USAGE_TOLERANCE_MS) {
    read.invalid('usageMs', usageMs, `no more than the ${upMs} ms from answerTime to endTime`);
  }
  if (usageMs === null) read.boundUsageMs('endTime', upMs);
  return { setupTimeMs, answerTimeMs, endTimeMs, usageMs: usageMs ?? upMs };
}
