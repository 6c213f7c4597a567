// Step CDR, numbers: a number as the switch sent it and its source's dialling habits in, E.164 out.
//
// The order matters: emergency numbers are looked for in the digits as they were dialled, before any prefix is read, as
// 911 is not +911; then `+`, the international prefix, the outside-line digit, and the national plan.
import { type CountryCode, isSupportedCountry, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { type CdrRejection, rejectCdr, shown } from './cdr.js';
import { emergencyNumbersOf } from './emergency-numbers.js';
import type { SourceSettings } from './source.js';

/** `e164` is null for a withheld, an unusable and an emergency number. */
export type DialledNumber = { readonly e164: string | null; readonly emergency: boolean; readonly raw: string | null };

export type NumberPlan = {
  readonly country: CountryCode | null;
  readonly internationalPrefixes: readonly string[];
  readonly trunkPrefix: string | null;
  readonly plainDigits: 'national' | 'international';
  readonly emergency: ReadonlySet<string>;
  /** National numbers already asked for: the metadata's regular expressions cost tens of microseconds. */
  readonly national: Map<string, string | null>;
};

const MAX_REMEMBERED_NUMBERS = 8192;

/** What a switch writes for a caller who does not show. */
const WITHHELD = new Set(['anonymous', 'restricted', 'private', 'unknown', 'unavailable', 'withheld', 'asserted', 'nobody']);

export function isCountry(text: string): boolean {
  return isSupportedCountry(text);
}

export function numberPlanOf(source: SourceSettings): NumberPlan {
  const country = source.defaultCountry !== null && isSupportedCountry(source.defaultCountry) ? source.defaultCountry : null;
  const prefixes = source.internationalPrefixes ?? [internationalPrefixOf(country)].filter((prefix) => prefix !== null);
  return {
    country,
    internationalPrefixes: prefixes.toSorted((a, b) => b.length - a.length),
    trunkPrefix: source.trunkPrefix,
    plainDigits: source.plainDigits ?? (country === null ? 'international' : 'national'),
    emergency: new Set([...emergencyNumbersOf(country), ...source.emergencyNumbers]),
    national: new Map(),
  };
}

/** `0612345678` in FR → `+33612345678`; `sip:+33612345678@host;user=phone` → the same; `911` in US → emergency. */
export function dialledNumber(raw: string | null, plan: NumberPlan): DialledNumber {
  if (raw === null) return { e164: null, emergency: false, raw };
  if (isE164(raw)) return { e164: raw, emergency: false, raw };
  const dialled = dialledDigits(raw);
  if (dialled === null) return { e164: null, emergency: false, raw };
  const outside = afterTrunkPrefix(dialled, plan.trunkPrefix);
  if (plan.emergency.has(dialled) || (outside !== null && plan.emergency.has(outside))) {
    return { e164: null, emergency: true, raw };
  }
  const e164 = e164Of(dialled, plan) ?? (outside === null ? null : e164Of(outside, plan));
  return { e164, emergency: false, raw };
}

/** A called number must be E.164 or an emergency number. */
export function calledNumberFault(called: DialledNumber, plan: NumberPlan): CdrRejection | null {
  if (called.e164 !== null || called.emergency) return null;
  const known = plan.country === null ? 'an E.164 number' : `an E.164 number or a national one of ${plan.country}`;
  const held = shown(called.raw === null ? null : masked(called.raw));
  return rejectCdr('called-number-unusable', `calledNumber held ${held}; expected ${known}`, 'calledNumber');
}

/** Reasons stand in logs and lists, where a whole number would name a person; the letter keeps the bytes. */
function masked(raw: string): string {
  return raw.replaceAll(/\d{7,}/g, (digits) => digits.slice(0, 4) + '·'.repeat(digits.length - 6) + digits.slice(-2));
}

/** `+`, no leading zero, 7 to 15 digits: the shortest numbers of any country are `+683 4000` and its like. */
function isE164(text: string): boolean {
  const { length } = text;
  if (length < 8 || length > 16 || text.charCodeAt(0) !== 43 || text.charCodeAt(1) === 48) return false;
  for (let at = 1; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** The digits (with a leading `+`) out of a SIP or tel URI, an address in angle brackets, or a written number. */
function dialledDigits(raw: string): string | null {
  const address = /<([^<>]*)>/.exec(raw)?.[1] ?? raw;
  const schemeless = address.trim().replace(/^(?:sips?|tel):/i, '');
  const user = (/^[^@;:]*/.exec(schemeless)?.[0] ?? '').replaceAll('%2B', '+').replaceAll('%2b', '+').replaceAll('%23', '#');
  if (WITHHELD.has(user.toLowerCase())) return null;
  const digits = user.replace(/[\s().\-/]/g, '');
  if (!/^\+?[0-9*#]{1,32}$/.test(digits)) return null;
  // Ten zeros are how gateways write "no caller"; 000 alone is Australia's emergency number.
  return /^\+?0{4,}$/.test(digits) ? null : digits;
}

function afterTrunkPrefix(dialled: string, trunkPrefix: string | null): string | null {
  if (trunkPrefix === null || !dialled.startsWith(trunkPrefix)) return null;
  return dialled.slice(trunkPrefix.length);
}

function e164Of(dialled: string, plan: NumberPlan): string | null {
  if (dialled.startsWith('+')) return isE164(dialled) ? dialled : null;
  const prefix = plan.internationalPrefixes.find((known) => dialled.startsWith(known));
  if (prefix !== undefined) {
    const international = `+${dialled.slice(prefix.length)}`;
    if (isE164(international)) return international;
  }
  if (plan.plainDigits === 'international') return isE164(`+${dialled}`) ? `+${dialled}` : null;
  return plan.country === null ? null : nationalE164(dialled, plan.country, plan.national);
}

function nationalE164(dialled: string, country: CountryCode, known: Map<string, string | null>): string | null {
  const remembered = known.get(dialled);
  if (remembered !== undefined) return remembered;
  const parsed = parsePhoneNumberFromString(dialled, country);
  const e164 = parsed?.isPossible() === true && isE164(parsed.number) ? parsed.number : null;
  if (known.size >= MAX_REMEMBERED_NUMBERS) known.clear();
  known.set(dialled, e164);
  return e164;
}

/** `00` or `011`; countries with several carriers have a pattern instead, which only the metadata reads. */
function internationalPrefixOf(country: CountryCode | null): string | null {
  if (country === null) return '00';
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const prefix = metadata.numberingPlan?.IDDPrefix() ?? '';
  return /^\d+$/.test(prefix) ? prefix : null;
}
