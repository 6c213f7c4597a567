// Step CDR, Microsoft Teams: Graph's `pstnCallLogRow` (one row, an array, or a page `{ value: […] }`) in, `Cdr`s out, or a
// coded rejection.
//
// CDR id: `id`, the report's UsageId. `callId` is not unique and is only the call id.
//
// A row has no answer time: `startDateTime` to `endDateTime` is the answered call, and `duration` its whole seconds, or
// the carrier's own figure where `callDurationSource` is `operator`. Usage is `duration`; a row of 0 seconds was not answered.
//
// A row does not name its tenant: a source is one Microsoft tenant, named by a mapping rule with an empty match, or by the
// domain of the user principal name, which is the user's SIP domain.
import { type Cdr, type CdrParse, type CdrRejection, rejectCdr } from './cdr.js';
import { cdrsOfJson, jsonOf, textOf } from './decode.js';
import { isRecord, RecordReader, type UncheckedRecord } from './record-reader.js';

export const GRAPH_PARSER_VERSION = 1;

const SECOND_MS = 1000;

export function parseGraphPstn(bytes: Uint8Array): CdrParse {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const decoded = jsonOf(text);
  return 'code' in decoded ? decoded : graphCdrs(decoded.json);
}

export function graphCdrs(json: unknown): CdrParse {
  if (!isRecord(json) || json['value'] === undefined) return cdrsOfJson(json, graphCdr);
  if (!Array.isArray(json['value'])) {
    return rejectCdr('cdr-malformed', 'value is not an array; expected a page of pstnCallLogRow', 'value');
  }
  return cdrsOfJson(json['value'], graphCdr);
}

export function graphCdr(record: UncheckedRecord): Cdr | CdrRejection {
  const read = new RecordReader(record);
  const startMs = read.instantMs('startDateTime', null);
  const endTimeMs = read.instantMs('endDateTime', null);
  const usageMs = read.usageMs('duration', SECOND_MS);
  if (startMs === null) read.missing('startDateTime', 'the start of the call');
  if (usageMs === null) read.missing('duration', 'whole seconds');
  read.ordered('startDateTime', startMs, 'endDateTime', endTimeMs);
  const isAnswered = usageMs !== null && usageMs > 0;
  const callType = read.text('callType');
  const direction = directionOf(callType);
  const numberType = read.text('inventoryType');
  const reach = read.text('destinationContext');
  const userPrincipalName = read.text('userPrincipalName');
  const cdr: Cdr = {
    format: 'graph-pstn',
    parserVersion: GRAPH_PARSER_VERSION,
    id: read.requiredText('id', 'the UsageId'),
    callId: read.text('callId'),
    conferenceId: read.text('conferenceId'),
    sessionId: null,
    tenantHints: {
      accountCode: null,
      sipDomain: userPrincipalName?.split('@')[1]?.toLowerCase() ?? null,
      trunk: null,
      tenant: null,
    },
    direction,
    callingNumber: read.text('callerNumber'),
    calledNumber: read.requiredText('calleeNumber', 'the number that was called'),
    category: categoryOf(callType, direction, numberType, reach),
    setupTimeMs: startMs,
    answerTimeMs: isAnswered ? startMs : null,
    endTimeMs: endTimeMs ?? (startMs === null ? null : startMs + (usageMs ?? 0)),
    usageMs: usageMs ?? 0,
    switchUsage: usageMs === null ? null : String(read.value('duration')),
    notBillable: isAnswered ? null : 'unanswered',
    userId: read.text('userId'),
    userPrincipalName,
    userDisplayName: read.text('userDisplayName'),
    userLocation: read.text('usageCountryCode'),
    callType,
    numberType,
    domesticOrInternational: reach,
    destinationName: read.text('destinationName'),
    capability: read.text('licenseCapability'),
    switchCharge: read.amount('charge'),
    switchConnectionCharge: read.amount('connectionCharge'),
    switchCurrency: read.text('currency'),
  };
  return read.fault ?? cdr;
}

/** `user_in`, `conf_out`, `ucap_in`, `user_out_conf`, `ByotOut`, … */
function directionOf(callType: string | null): Cdr['direction'] {
  if (callType === null) return null;
  if (/_out|Out/.test(callType)) return 'outbound';
  return /_in|In/.test(callType) ? 'inbound' : null;
}

/** Only what the row says for certain; the rest is left to the service-number register and the direction. */
function categoryOf(
  callType: string | null,
  direction: Cdr['direction'],
  numberType: string | null,
  reach: string | null,
): string | null {
  if (callType === 'conf_out') return 'conference-dial-out';
  if (direction === 'inbound') return /toll-?free/i.test(numberType ?? '') ? 'toll-free-inbound' : null;
  return direction === 'outbound' && reach?.toLowerCase() === 'international' ? 'international' : null;
}
