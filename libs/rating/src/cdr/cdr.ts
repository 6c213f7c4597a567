// Step CDR, the words: what every format is parsed into (`Cdr`), and the coded rejections in their order of precedence.

export const CDR_FORMATS = [
  'canonical-json',
  'canonical-csv',
  'freeswitch-json',
  'freeswitch-event',
  'asterisk-csv',
  'asterisk-json',
  'graph-pstn',
  'opensips-event',
  'kamailio-acc-json',
  'cisco-cucm-csv',
] as const;
export type CdrFormat = (typeof CDR_FORMATS)[number];

/** In order of precedence: a record with several faults is rejected with the first of these that applies. */
export const CDR_REJECTION_CODES = [
  'cdr-not-text',
  'cdr-too-large',
  'cdr-malformed',
  'cdr-unknown-format',
  'cdr-field-missing',
  'cdr-field-invalid',
  'cdr-interim',
  'called-number-unusable',
  'unknown-tenant',
] as const;
export type CdrRejectionCode = (typeof CDR_REJECTION_CODES)[number];

/** `reason` says which field, what it held (shortened) and what is expected; `field` is null when the whole record is meant. */
export type CdrRejection = {
  readonly code: CdrRejectionCode;
  readonly reason: string;
  readonly field: string | null;
};

/** A record of this size or more is refused unread; it is also the intake topic's usual message bound. */
export const MAX_CDR_BYTES = 1_048_576;
/** Longest text of any field. Ids, SIP URIs and display names stay far below; the ledger writes each into an event. */
export const MAX_TEXT_CHARS = 256;
export const MIN_INSTANT_MS = Date.UTC(2000, 0, 1);
/** Exclusive. Switches write year 9999 for "never" and absurd years after a clock fault. */
export const MAX_INSTANT_MS = Date.UTC(2100, 0, 1);
/** No carrier keeps one call up for a month: a longer usage is a fault of the switch, and expensive to believe. */
export const MAX_USAGE_MS = 31 * 24 * 3_600_000;

export type TenantHints = {
  readonly accountCode: string | null;
  /** Lower case. */
  readonly sipDomain: string | null;
  readonly trunk: string | null;
  /** The tenant's own id, where the record names it; believed only by the source's `trustTenantField` or a rule. */
  readonly tenant: string | null;
};

/** Why a call that did happen on the switch debits nothing. */
export type NotBillable = 'unanswered' | 'a-leg' | 'b-leg' | 'internal-leg';

/** What the switch knew of the 20 columns of the usage report beyond the call itself; null when unknown. */
export type ReportInputs = {
  readonly userId: string | null;
  readonly userPrincipalName: string | null;
  readonly userDisplayName: string | null;
  /** ISO 3166 alpha-2 country of the user. */
  readonly userLocation: string | null;
  readonly callType: string | null;
  readonly numberType: string | null;
  readonly domesticOrInternational: string | null;
  readonly destinationName: string | null;
  readonly capability: string | null;
  /** Decimal strings in `switchCurrency`: what the switch's operator charged, for comparison only. */
  readonly switchCharge: string | null;
  readonly switchConnectionCharge: string | null;
  readonly switchCurrency: string | null;
};

export type Cdr = ReportInputs & {
  readonly format: CdrFormat;
  /** Version of the format's parser, so that an event tells which reading of the bytes it rests on. */
  readonly parserVersion: number;
  /** The CDR id within its source. Each format's file says which field it is; that never changes. */
  readonly id: string;
  /** Shared by the legs of one call. */
  readonly callId: string | null;
  readonly conferenceId: string | null;
  /** The authorisation's session, where the switch was given one. */
  readonly sessionId: string | null;
  readonly tenantHints: TenantHints;
  /** As the tenant sees it: `outbound` is a call the tenant makes. */
  readonly direction: 'inbound' | 'outbound' | null;
  /** As sent, not yet E.164; null when withheld or absent. */
  readonly callingNumber: string | null;
  /** As sent, not yet E.164. */
  readonly calledNumber: string;
  readonly category: string | null;
  /** Epoch milliseconds, UTC. At least one of the three is known; an answered call has all of answer and end. */
  readonly setupTimeMs: number | null;
  readonly answerTimeMs: number | null;
  readonly endTimeMs: number | null;
  /** Answered duration; 0 when unanswered. */
  readonly usageMs: number;
  /** The switch's own figure, verbatim (FreeSWITCH says "68" for 67.54 s), or null. */
  readonly switchUsage: string | null;
  readonly notBillable: NotBillable | null;
};

/** All records of one message, or one rejection for the whole of it: its dead letter keeps the bytes intact. */
export type CdrParse = { readonly cdrs: readonly Cdr[] } | CdrRejection;

export const NO_REPORT_INPUTS: ReportInputs = {
  userId: null,
  userPrincipalName: null,
  userDisplayName: null,
  userLocation: null,
  callType: null,
  numberType: null,
  domesticOrInternational: null,
  destinationName: null,
  capability: null,
  switchCharge: null,
  switchConnectionCharge: null,
  switchCurrency: null,
};

export function isCdrRejection(value: object): value is CdrRejection {
  return 'code' in value && 'reason' in value;
}

export function rejectCdr(code: CdrRejectionCode, reason: string, field: string | null = null): CdrRejection {
  return { code, reason, field };
}

/** The one of two rejections that comes first in the order of precedence; the earlier found wins a tie. */
export function firstRejection(found: CdrRejection | null, next: CdrRejection): CdrRejection {
  if (found === null) return next;
  return CDR_REJECTION_CODES.indexOf(next.code) < CDR_REJECTION_CODES.indexOf(found.code) ? next : found;
}

const MAX_SHOWN_CHARS = 40;

/**
 * A value as a reason shows it: escaped, so that control characters are visible, and short, so that it fits a header. An
 * object is only named, since printing one that is nested deep enough would overflow the stack.
 */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value !== 'string') return String(value);
  const text = JSON.stringify(value.slice(0, MAX_SHOWN_CHARS + 1));
  return (text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text).toWellFormed();
}
