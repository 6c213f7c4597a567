// Step CDR, FreeSWITCH: mod_json_cdr's file or POST, or mod_event_kafka's CHANNEL_HANGUP_COMPLETE in, one `Cdr` per leg
// out, or a coded rejection. Read against switch_ivr_generate_json_cdr and switch_channel_set_timestamps.
//
// CDR id: the channel's `uuid`. Call id: `call_uuid`, which originate copies to every leg.
//
// Values: all strings. mod_json_cdr percent-encodes the values of `variables` unless encode-values is false, and with
// `encode` posts the whole as `cdr=…`, percent-encoded or base64. An event carries the same variables as `variable_*`, plain.
//
// Usage: `billsec` is a difference of truncated seconds (67.54 s is 68), so usage is end_uepoch - answer_uepoch, each
// truncated to milliseconds as `billmsec` is; `billsec` goes along verbatim as the switch's own figure.
//
// Leg: every leg sends a CDR. A leg with an originator is the B-leg. The source's `billsLeg` says which one bills: `a`, the
// default, is the leg the tenant's phone or trunk opened, and carries the account code and the digits the tenant dialled;
// `b` is for switches whose A-leg never reaches a CDR. Channels of mod_loopback are plumbing inside the switch; they repeat the
// answered time of the real legs and never bill.
//
// Direction: the channel's own `direction` is the switch's view (a tenant's outgoing call arrives *inbound*), so it is taken
// from the dialplan's `call_direction`, else from the source's `trunks` (gateway names) and `trunkContexts`.
// `trunkContexts` are the dialplan contexts in which a carrier's calls arrive, such as `public`.
//
// The dialplan can set `tollkeeper_tenant`, `tollkeeper_category`, `tollkeeper_session_id` and `tollkeeper_trunk`. The
// variable `session_id` is a counter of the switch and not the authorisation's session.
import {
  type Cdr,
  type CdrFormat,
  type CdrParse,
  type CdrRejection,
  firstRejection,
  isCdrRejection,
  NO_REPORT_INPUTS,
  rejectCdr,
} from './cdr.js';
import { cdrsOfJson, cdrsOfJsonBytes, jsonOf, textOf } from './decode.js';
import { isRecord, RecordReader, type UncheckedRecord } from './record-reader.js';
import type { SourceSettings } from './source.js';

export const FREESWITCH_PARSER_VERSION = 1;

export function parseFreeswitchJson(bytes: Uint8Array, source: SourceSettings): CdrParse {
  const text = textOf(bytes);
  return typeof text === 'string' ? freeswitchJsonCdrs(text, source) : text;
}

export function parseFreeswitchEvent(bytes: Uint8Array, source: SourceSettings): CdrParse {
  return cdrsOfJsonBytes(bytes, (record) => freeswitchEventCdr(record, source));
}

export const FORM_PREFIX = 'cdr=';

export function freeswitchJsonCdrs(text: string, source: SourceSettings): CdrParse {
  const body = text.startsWith(FORM_PREFIX) ? unwrapForm(text.slice(FORM_PREFIX.length)) : text;
  if (body === null) {
    return rejectCdr(
      'cdr-malformed',
      'the form field cdr could not be decoded to JSON; expected a percent-encoded or base64 record ' +
        '(with encode=true FreeSWITCH spoils quotes in values: set encode or encode-values to false in json_cdr.conf)',
    );
  }
  const decoded = jsonOf(body);
  return isCdrRejection(decoded) ? decoded : cdrsOfJson(decoded.json, (record) => freeswitchCdr(record, source));
}

function unwrapForm(encoded: string): string | null {
  const isBase64 = /^[A-Za-z0-9+/\s]+=*\s*$/.test(encoded);
  const body = isBase64 ? Buffer.from(encoded, 'base64').toString('utf8') : percentDecoded(encoded);
  // FreeSWITCH leaves a %22 that stood in a value as it is, so that decoding can end a string early: not JSON any more.
  return 'code' in jsonOf(body) ? null : body;
}

export function freeswitchCdr(record: UncheckedRecord, source: SourceSettings): Cdr | CdrRejection {
  const { variables, callflow } = record;
  if (!isRecord(variables)) return rejectCdr('cdr-field-missing', 'variables is missing; expected an object', 'variables');
  const flow: unknown = Array.isArray(callflow) ? callflow[0] : undefined;
  const callerProfile = isRecord(flow) ? flow['caller_profile'] : undefined;
  if (!isRecord(callerProfile)) {
    const name = 'callflow[0].caller_profile';
    return rejectCdr('cdr-field-missing', `${name} is missing; expected the leg's numbers`, name);
  }
  return legCdr('freeswitch-json', source, {
    variables: new RecordReader(variables, { path: 'variables.', numbersAreText: true, decode: percentDecoded }),
    profile: new RecordReader(callerProfile, { path: 'callflow[0].caller_profile.', numbersAreText: true }),
    callingField: 'caller_id_number',
    calledField: 'destination_number',
    contextField: 'context',
    channelField: 'chan_name',
    hasOriginator: isRecord(callerProfile['originator']),
  });
}

/** mod_event_kafka publishes every event of the switch to one topic: what is no end of a channel is no CDR (null). */
export function freeswitchEventCdr(record: UncheckedRecord, source: SourceSettings): Cdr | CdrRejection | null {
  const eventName = record['Event-Name'];
  if (typeof eventName === 'string' && eventName !== 'CHANNEL_HANGUP_COMPLETE') return null;
  return legCdr('freeswitch-event', source, {
    variables: new RecordReader(record, { prefix: 'variable_', numbersAreText: true }),
    profile: new RecordReader(record, { numbersAreText: true }),
    callingField: 'Caller-Caller-ID-Number',
    calledField: 'Caller-Destination-Number',
    contextField: 'Caller-Context',
    channelField: 'Channel-Name',
    hasOriginator: record['Other-Type'] === 'originator',
  });
}

type Leg = {
  readonly variables: RecordReader;
  readonly profile: RecordReader;
  readonly callingField: string;
  readonly calledField: string;
  readonly contextField: string;
  readonly channelField: string;
  readonly hasOriginator: boolean;
};

function legCdr(format: CdrFormat, source: SourceSettings, leg: Leg): Cdr | CdrRejection {
  const { variables, profile } = leg;
  const id = variables.requiredText('uuid', "the channel's uuid");
  const setupTimeMs = microsecondsAsMs(variables, 'start_uepoch', false);
  const answerTimeMs = microsecondsAsMs(variables, 'answer_uepoch', true);
  const endTimeMs = microsecondsAsMs(variables, 'end_uepoch', false);
  if (setupTimeMs === null) variables.missing('start_uepoch', 'microseconds since 1970');
  if (endTimeMs === null) variables.missing('end_uepoch', 'microseconds since 1970');
  variables.ordered('start_uepoch', setupTimeMs, 'answer_uepoch', answerTimeMs);
  variables.ordered('answer_uepoch', answerTimeMs, 'end_uepoch', endTimeMs);
  variables.ordered('start_uepoch', setupTimeMs, 'end_uepoch', endTimeMs);
  const usageMs = answerTimeMs === null || endTimeMs === null ? 0 : endTimeMs - answerTimeMs;
  variables.boundUsageMs('end_uepoch', usageMs);
  const trunk = variables.text('tollkeeper_trunk') ?? variables.text('sip_gateway_name') ?? variables.text('sip_gateway');
  const userName = variables.text('user_name');
  const domain = variables.text('domain_name');
  const spoken = variables.text('call_direction');
  const cdr: Cdr = {
    format,
    parserVersion: FREESWITCH_PARSER_VERSION,
    id,
    callId: variables.text('call_uuid') ?? variables.text('originating_leg_uuid'),
    conferenceId: variables.text('conference_uuid'),
    sessionId: variables.text('tollkeeper_session_id'),
    tenantHints: {
      accountCode: variables.text('accountcode'),
      sipDomain: (domain ?? variables.text('sip_auth_realm') ?? variables.text('sip_from_host'))?.toLowerCase() ?? null,
      trunk,
      tenant: variables.text('tollkeeper_tenant'),
    },
    direction: directionOf(spoken, trunk, profile.text(leg.contextField), source),
    callingNumber: profile.text(leg.callingField),
    calledNumber: profile.requiredText(leg.calledField, 'the number that was dialled'),
    category: variables.text('tollkeeper_category'),
    setupTimeMs,
    answerTimeMs,
    endTimeMs,
    usageMs,
    switchUsage: variables.text('billsec'),
    notBillable: legNotBillable(leg, spoken, source) ?? (answerTimeMs === null ? 'unanswered' : null),
    ...NO_REPORT_INPUTS,
    userPrincipalName: userName === null || domain === null ? null : `${userName}@${domain}`,
    userDisplayName: variables.text('effective_caller_id_name'),
  };
  const { fault } = variables;
  return profile.fault === null ? (fault ?? cdr) : firstRejection(fault, profile.fault);
}

/** An unanswered leg has answer_uepoch "0": it never happened. Every leg starts and ends. */
function microsecondsAsMs(read: RecordReader, field: string, zeroIsNever: boolean): number | null {
  const text = read.text(field);
  if (text === null || (zeroIsNever && text === '0')) return null;
  if (/^\d{1,17}$/.test(text)) return read.boundInstantMs(field, text, Math.trunc(Number(text) / 1000));
  read.invalid(field, text, 'microseconds since 1970');
  return null;
}

function legNotBillable(leg: Leg, spoken: string | null, source: SourceSettings): Cdr['notBillable'] {
  const channel = leg.profile.text(leg.channelField);
  if (channel?.startsWith('loopback/') === true || leg.variables.text('loopback_leg') !== null) return 'internal-leg';
  // FusionPBX's dialplan says `local` for a call from one extension to another.
  if (spoken === 'local') return 'internal-leg';
  const isB = leg.hasOriginator || leg.variables.text('originating_leg_uuid') !== null;
  if (source.billsLeg === 'a') return isB ? 'b-leg' : null;
  return isB ? null : 'a-leg';
}

function directionOf(
  spoken: string | null,
  trunk: string | null,
  context: string | null,
  source: SourceSettings,
): Cdr['direction'] {
  if (spoken === 'inbound' || spoken === 'outbound') return spoken;
  if (source.trunks.length === 0 && source.trunkContexts.length === 0) return null;
  const isFromTrunk = context !== null && source.trunkContexts.includes(context);
  return isFromTrunk || (trunk !== null && source.billsLeg === 'a' && source.trunks.includes(trunk)) ? 'inbound' : 'outbound';
}

/** FreeSWITCH never writes a blank as `+`, so a plus is a plus; bytes that are no UTF-8 stay as they were sent. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
