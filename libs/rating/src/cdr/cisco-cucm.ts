// Step CDR, Cisco Unified Communications Manager: a CDR file, or rows of one under its header, in, `Cdr`s out, or a coded
// rejection. Read against the Call Detail Records Administration Guide.
//
// The first line names the columns, the second their types (INTEGER, VARCHAR(50), …); neither is a record. Rows without a header
// cannot be told from other CSV, so the header stands before them in every message.
//
// CDR id: `pkid`; where a file lacks it, cluster, node, call and both legs. Call id: globalCallID_callManagerId and _callId, which
// all legs of a call share.
//
// Usage: `duration`, whole seconds between connect and disconnect, is also the switch's own figure. Times are seconds since 1970; a
// dateTimeConnect of 0 was never answered.
//
// Leg: with `trunks` (device names of gateways and SIP trunks) a call whose destination is one goes out, one whose origin
// is one comes in, and one between two phones is internal and never bills. Called is the final party, whom a forwarded call reached.
//
// Session: the file has no field that a switch could write an authorisation's session into.
//
// Interim: cdrRecordType 0 is a start record and put aside, 1 a CDR, 2 a quality record, which is no call.
import { type Cdr, type CdrParse, type CdrRejection, isCdrRejection, NO_REPORT_INPUTS, rejectCdr } from './cdr.js';
import type { CsvRow } from './csv.js';
import { RecordReader } from './record-reader.js';
import { interimRecord } from './sip-accounting.js';
import type { SourceSettings } from './source.js';

export const CISCO_CUCM_PARSER_VERSION = 1;

const SECOND_MS = 1000;
const TYPE_NAME = /^(INTEGER|VARCHAR\(\d+\)|UNIQUEIDENTIFIER|NUMERIC\(.*\)|BIGINT)$/;

export function isCiscoHeader(cells: readonly string[]): boolean {
  return cells.includes('cdrRecordType') && cells.includes('globalCallID_callId');
}

export function ciscoCdrs(rows: readonly CsvRow[], source: SourceSettings): CdrParse {
  const [header, ...records] = rows;
  if (header === undefined || !isCiscoHeader(header.cells)) {
    return rejectCdr('cdr-malformed', 'the CSV has no header; expected the line of names that a CDR file begins with');
  }
  const cdrs: Cdr[] = [];
  for (const { line, cells } of records) {
    if (cells.every((cell) => TYPE_NAME.test(cell.trim()))) continue;
    if (cells.length !== header.cells.length) {
      const counts = `${cells.length} cells under a header of ${header.cells.length}`;
      return rejectCdr('cdr-malformed', `line ${line}: the row has ${counts}; expected as many`);
    }
    const named = Object.fromEntries(header.cells.map((name, at) => [name.trim(), cells[at]]));
    const cdr = ciscoCdr(new RecordReader(named), source);
    if (cdr === null) continue;
    if (isCdrRejection(cdr)) return { ...cdr, reason: `line ${line}: ${cdr.reason}` };
    cdrs.push(cdr);
  }
  return { cdrs };
}

function ciscoCdr(read: RecordReader, source: SourceSettings): Cdr | CdrRejection | null {
  const recordType = read.oneOf('cdrRecordType', ['0', '1', '2']);
  if (recordType === '2') return null;
  if (recordType === '0') return interimRecord('the start of a call (cdrRecordType 0)');
  const setupTimeMs = secondsAsMs(read, 'dateTimeOrigination');
  const answerTimeMs = secondsAsMs(read, 'dateTimeConnect');
  const endTimeMs = secondsAsMs(read, 'dateTimeDisconnect');
  const usageMs = read.usageMs('duration', SECOND_MS);
  if (recordType === null) read.missing('cdrRecordType', '1');
  if (setupTimeMs === null) read.missing('dateTimeOrigination', 'seconds since 1970');
  if (usageMs === null) read.missing('duration', 'whole seconds');
  read.ordered('dateTimeOrigination', setupTimeMs, 'dateTimeConnect', answerTimeMs);
  read.ordered('dateTimeConnect', answerTimeMs, 'dateTimeDisconnect', endTimeMs);
  const call = [
    read.requiredText('globalCallID_callManagerId', 'a number'),
    read.requiredText('globalCallID_callId', 'a number'),
  ];
  const legs = [read.text('origLegCallIdentifier') ?? '', read.text('destLegIdentifier') ?? ''];
  const devices = { from: read.text('origDeviceName'), to: read.text('destDeviceName') };
  const { direction, isInternal } = legOf(devices, source);
  const isAnswered = answerTimeMs !== null;
  const cdr: Cdr = {
    ...NO_REPORT_INPUTS,
    format: 'cisco-cucm-csv',
    parserVersion: CISCO_CUCM_PARSER_VERSION,
    id: read.text('pkid') ?? [read.text('globalCallId_ClusterID') ?? '', ...call, ...legs].join('-'),
    callId: call.join('-'),
    conferenceId: null,
    sessionId: null,
    tenantHints: {
      accountCode: read.text('clientMatterCode'),
      sipDomain: null,
      trunk: direction === 'inbound' ? devices.from : devices.to,
      tenant: null,
    },
    direction,
    callingNumber: read.text('callingPartyNumber'),
    calledNumber:
      read.text('finalCalledPartyNumber') ?? read.requiredText('originalCalledPartyNumber', 'the number that was called'),
    category: null,
    setupTimeMs,
    answerTimeMs,
    endTimeMs: endTimeMs ?? (isAnswered ? answerTimeMs + (usageMs ?? 0) : null),
    usageMs: isAnswered ? (usageMs ?? 0) : 0,
    switchUsage: read.text('duration'),
    notBillable: isInternal ? 'internal-leg' : isAnswered ? null : 'unanswered',
    userId: read.text('callingPartyUnicodeLoginUserID'),
  };
  return read.fault ?? cdr;
}

/** 0 is how the file writes "never". */
function secondsAsMs(read: RecordReader, field: string): number | null {
  return read.text(field) === '0' ? null : read.instantMs(field, null, SECOND_MS);
}

type Leg = { readonly direction: Cdr['direction']; readonly isInternal: boolean };

function legOf({ from, to }: { readonly from: string | null; readonly to: string | null }, { trunks }: SourceSettings): Leg {
  if (trunks.length === 0) return { direction: null, isInternal: false };
  if (to !== null && trunks.includes(to)) return { direction: 'outbound', isInternal: false };
  if (from !== null && trunks.includes(from)) return { direction: 'inbound', isInternal: false };
  return { direction: null, isInternal: true };
}
