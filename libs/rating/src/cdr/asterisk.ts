// Step CDR, Asterisk: a row of Master.csv or a JSON CDR in, one `Cdr` out, or a coded rejection. Read against cdr_csv.c,
// cdr_custom.conf.sample, cdr_manager.c's field names, and the two Kafka backends in use.
//
// Dialects: the fields are found by name whatever their case, so the lower-case JSON (`src`, `start` with `-0300` offsets),
// the PascalCase JSON (`Source`, `StartTime`, no linkedid, no sequence) and CSV with a header row are one format here.
//
// CDR id: `uniqueid:sequence`. Without a sequence `uniqueid/dstchannel/start`, since a channel that rings several phones
// sends several CDRs with one uniqueid. Where the switch logs no uniqueid (Master.csv's default, and the lower-case JSON's)
// linkedid stands in its place if there is one, else the channel's name, which holds a counter of its own.
//
// Call id: linkedid, else uniqueid.
//
// Leg: several CDRs of one call share linkedid (Local channels, ring groups, transfers), and only the trunk leg bills: the one
// whose channel or dstchannel is one of the source's `trunks` (`PJSIP/carrier`, or the bare `carrier`), or whose dcontext is
// one of `trunkContexts`. Without either setting a CDR that leads into a Local channel does not bill, as the CDR of
// the other half does.
//
// Usage: `billsec`, which Asterisk floors (67.54 s is 67), or has in fractions by `CDR(billsec,f)`; where answer and end
// carry milliseconds and agree with billsec to the second, their difference. billsec goes along verbatim.
//
// Times without an offset are wall clock of the source's `timezone` (usegmtime=yes makes that UTC, the default). In the
// hour that autumn repeats they are ambiguous, and the first reading that keeps start <= answer <= end is taken.
//
// Tenant: accountcode, else peeraccount (the other way round on an inbound call, where the called side pays); the trunk hint
// is the peer on the tenant's side of the call, e.g. `PJSIP/acme`; `tenantid` (Asterisk 22) is the tenant hint.
import { type Cdr, type CdrFormat, type CdrRejection, NO_REPORT_INPUTS } from './cdr.js';
import { RecordReader, type UncheckedRecord } from './record-reader.js';
import type { SourceSettings } from './source.js';

export const ASTERISK_PARSER_VERSION = 1;

export const ASTERISK_DISPOSITIONS = ['ANSWERED', 'NO ANSWER', 'BUSY', 'FAILED', 'CONGESTION', 'CANCEL', 'UNKNOWN'] as const;

/** AST_CDR_ANSWERED, for `disposition(int64)` mappings. */
const ANSWERED_NUMBER = '8';

/** Other names of cdr_csv's columns, in lower case: AMI's and the PascalCase JSON's, and FreePBX's. */
const ALIASES: Readonly<Record<string, string>> = {
  source: 'src',
  destination: 'dst',
  destinationcontext: 'dcontext',
  callerid: 'clid',
  destinationchannel: 'dstchannel',
  starttime: 'start',
  calldate: 'start',
  answertime: 'answer',
  endtime: 'end',
  billableseconds: 'billsec',
};

export function asteriskCdr(record: UncheckedRecord, source: SourceSettings, format: CdrFormat): Cdr | CdrRejection {
  const read = new RecordReader(record, { numbersAreText: true });
  const name = fieldNames(record);
  const channel = read.requiredText(name('channel'), 'the channel of the calling side');
  const dstchannel = read.text(name('dstchannel'));
  const leg = legOf(channel, dstchannel, read.text(name('dcontext')), source);
  const accountcode = read.text(name('accountcode'));
  const peeraccount = read.text(name('peeraccount'));
  const uniqueid = read.text(name('uniqueid'));
  const linkedid = read.text(name('linkedid'));
  const sequence = read.text(name('sequence'));
  const isAnswered = readAnswered(read, name('disposition'));
  const times = readTimes(read, name, isAnswered, source.timezone);
  const root = uniqueid ?? linkedid ?? channel;
  const cdr: Cdr = {
    format,
    parserVersion: ASTERISK_PARSER_VERSION,
    id: sequence === null ? `${root}/${dstchannel ?? ''}/${read.text(name('start'))}` : `${root}:${sequence}`,
    callId: linkedid ?? uniqueid,
    conferenceId: null,
    sessionId: read.text('tollkeeper_session_id'),
    tenantHints: {
      accountCode: leg.direction === 'inbound' ? (peeraccount ?? accountcode) : (accountcode ?? peeraccount),
      sipDomain: null,
      trunk: leg.tenantPeer,
      tenant: read.text(name('tenantid')),
    },
    direction: leg.direction,
    callingNumber: read.text(name('src')),
    calledNumber: read.requiredText(name('dst'), 'the extension that was dialled'),
    category: read.text('tollkeeper_category'),
    ...times,
    notBillable: leg.bills ? (isAnswered ? null : 'unanswered') : 'internal-leg',
    ...NO_REPORT_INPUTS,
  };
  return read.fault ?? cdr;
}

/** The name of cdr_csv's column that a field's name stands for. */
export function columnNameOf(field: string): string {
  const lower = field.trim().toLowerCase();
  return Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? lower) : lower;
}

/** From cdr_csv's column name to the name this record uses for it. */
function fieldNames(record: UncheckedRecord): (column: string) => string {
  // CSV rows and the lower-case dialect use the columns' own names, and need no table.
  const isLowerCase = record['start'] !== undefined && record['disposition'] !== undefined;
  if (isLowerCase && record['channel'] !== undefined && record['billsec'] !== undefined) return ownName;
  const names = new Map<string, string>();
  for (const key of Object.keys(record)) {
    const column = columnNameOf(key);
    if (!names.has(column)) names.set(column, key);
  }
  return (column) => names.get(column) ?? column;
}

function ownName(column: string): string {
  return column;
}

function readAnswered(read: RecordReader, field: string): boolean {
  const disposition = read.requiredText(field, 'ANSWERED or what kept the call from it');
  if (disposition === 'ANSWERED' || disposition === ANSWERED_NUMBER) return true;
  const isKnown = ASTERISK_DISPOSITIONS.some((word) => word === disposition) || /^\d{1,3}$/.test(disposition);
  if (disposition !== '' && !isKnown) read.invalid(field, disposition, `one of ${ASTERISK_DISPOSITIONS.join(', ')}`);
  return false;
}

type Times = Pick<Cdr, 'setupTimeMs' | 'answerTimeMs' | 'endTimeMs' | 'usageMs' | 'switchUsage'>;

const SECOND_MS = 1000;

function readTimes(read: RecordReader, name: (column: string) => string, isAnswered: boolean, timezone: string): Times {
  const [start, answer, end, billsec] = [name('start'), name('answer'), name('end'), name('billsec')];
  const setupTimeMs = read.instantMs(start, timezone, SECOND_MS);
  const answeredMs = read.instantMs(answer, timezone, SECOND_MS, setupTimeMs);
  const answerTimeMs = isAnswered ? answeredMs : null;
  const endTimeMs = read.instantMs(end, timezone, SECOND_MS, answerTimeMs ?? setupTimeMs);
  const billedMs = read.usageMs(billsec, SECOND_MS);
  if (setupTimeMs === null) read.missing(start, 'the start of the call');
  read.ordered(start, setupTimeMs, answer, answerTimeMs);
  read.ordered(answer, answerTimeMs, end, endTimeMs);
  read.ordered(start, setupTimeMs, end, endTimeMs);
  const held = read.value(billsec);
  const switchUsage = typeof held === 'number' ? String(held) : read.text(billsec);
  if (!isAnswered) return { setupTimeMs, answerTimeMs, endTimeMs, usageMs: 0, switchUsage };
  if (answerTimeMs === null) read.missing(answer, 'the answer time of an answered call');
  if (billedMs === null) read.missing(billsec, 'the answered seconds');
  const usageMs = billedMs ?? 0;
  const endMs = endTimeMs ?? (answerTimeMs === null ? null : answerTimeMs + usageMs);
  const upMs = answerTimeMs === null || endMs === null ? 0 : endMs - answerTimeMs;
  const isExact = upMs % SECOND_MS !== 0 && Math.abs(upMs - usageMs) <= SECOND_MS;
  return { setupTimeMs, answerTimeMs, endTimeMs: endMs, usageMs: isExact ? upMs : usageMs, switchUsage };
}

type LegOfCall = {
  readonly bills: boolean;
  readonly direction: Cdr['direction'];
  readonly tenantPeer: string;
};

function legOf(channel: string, dstchannel: string | null, dcontext: string | null, source: SourceSettings): LegOfCall {
  const isLocal = channel.startsWith('Local/');
  const callingPeer = peerOf(channel);
  const calledPeer = dstchannel === null || dstchannel.startsWith('Local/') ? null : peerOf(dstchannel);
  if (source.trunks.length === 0 && source.trunkContexts.length === 0) {
    const bills = dstchannel?.startsWith('Local/') !== true;
    return { bills, direction: null, tenantPeer: isLocal ? (calledPeer ?? callingPeer) : callingPeer };
  }
  if (calledPeer !== null && isTrunk(calledPeer, source.trunks)) {
    return { bills: true, direction: 'outbound', tenantPeer: isLocal ? calledPeer : callingPeer };
  }
  const isFromTrunk = isTrunk(callingPeer, source.trunks);
  if (isFromTrunk || (!isLocal && dcontext !== null && source.trunkContexts.includes(dcontext))) {
    return { bills: true, direction: 'inbound', tenantPeer: calledPeer ?? callingPeer };
  }
  return { bills: false, direction: null, tenantPeer: callingPeer };
}

/** `PJSIP/carrier-a-0000001f` is a channel of the peer `PJSIP/carrier-a`. */
function peerOf(channel: string): string {
  const dash = channel.lastIndexOf('-');
  return dash < 0 ? channel : channel.slice(0, dash);
}

function isTrunk(peer: string, trunks: readonly string[]): boolean {
  const name = peer.slice(peer.indexOf('/') + 1);
  return trunks.some((trunk) => peer === trunk || name === trunk || peer.startsWith(`${trunk}/`));
}
