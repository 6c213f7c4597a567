// Step CDR, SIP proxies: what the acc modules of OpenSIPS and Kamailio have in common. Neither knows a number or a tenant by
// itself: the administrator's script adds them as extra fields, whose names are these.
//
//   dst_user, else callee, else dst_ouser     called number: the request's user part, which is what is routed and paid for
//   src_user, else caller                     calling number
//   src_domain, account, trunk, tenant        what names the tenant, by the source's mapping
//   session_id                                the authorisation's session
//   direction, category                       as in the canonical format
//
// A value may be a SIP URI or an address in brackets; numbers.ts takes the user part of either.
import { type Cdr, type CdrFormat, type CdrRejection, NO_REPORT_INPUTS, rejectCdr } from './cdr.js';
import { type RecordReader } from './record-reader.js';

export type SipCall = {
  readonly format: CdrFormat;
  readonly parserVersion: number;
  readonly setupTimeMs: number | null;
  readonly answerTimeMs: number | null;
  readonly usageMs: number;
  readonly switchUsage: string | null;
};

/** CDR id: Call-ID and, where the record has them, the tags of both ends, which tell the branches of a forked call apart. */
export function sipCdr(read: RecordReader, call: SipCall): Cdr | CdrRejection {
  const callId = read.requiredText('callid', 'the Call-ID');
  const tags = [read.text('from_tag'), read.text('to_tag')].filter((tag) => tag !== null);
  const { answerTimeMs, setupTimeMs, usageMs } = call;
  const beginMs = answerTimeMs ?? setupTimeMs;
  const cdr: Cdr = {
    ...NO_REPORT_INPUTS,
    ...call,
    id: [callId, ...tags].join(';'),
    callId,
    conferenceId: null,
    sessionId: read.text('session_id'),
    tenantHints: {
      accountCode: read.text('account'),
      sipDomain: read.text('src_domain')?.toLowerCase() ?? null,
      trunk: read.text('trunk'),
      tenant: read.text('tenant'),
    },
    direction: read.oneOf('direction', ['inbound', 'outbound']),
    callingNumber: read.text('src_user') ?? read.text('caller'),
    calledNumber: read.text('dst_user') ?? read.text('callee') ?? read.requiredText('dst_ouser', CALLED),
    category: read.text('category'),
    endTimeMs: beginMs === null ? null : beginMs + usageMs,
    notBillable: answerTimeMs === null ? 'unanswered' : null,
  };
  return read.fault ?? cdr;
}

const CALLED = 'the called number, as the extra field dst_user, callee or dst_ouser';
const FIRST_REFUSAL = 300;

/**
 * One of a call's transactions, such as its INVITE or its BYE. A refused INVITE is a call that was never answered; any other
 * transaction is part of a call whose CDR tells all of it, and billing both would bill the call twice.
 */
export function isUnanswered(read: RecordReader): boolean {
  const code = Number(read.text('sip_code') ?? NaN);
  return read.text('method') === 'INVITE' && code >= FIRST_REFUSAL;
}

export function interimRecord(what: string): CdrRejection {
  return rejectCdr('cdr-interim', `the record is ${what}; it is put aside, since the call is billed by the CDR at its end`);
}
