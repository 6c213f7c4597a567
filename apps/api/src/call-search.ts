// Calls, looked for by a person: what was typed comes in; whether a call with its persons opened is meant goes out.
//
// Of a masked number the last digits are shown to nobody. They are matched all at once or not at all, so that they cannot be found out
// one by one.

import type { CallRow } from '@tollkeeper/projections';
import type { Parties, ShownNumbers } from '@tollkeeper/usage-report';

export type OpenedCall = { readonly row: CallRow; readonly parties: Parties; readonly shown: ShownNumbers };

const MIN_DIGITS = 3;
/** As people write numbers. */
const NUMBER = /^(?<international>\+|00)?[\d\s().\-/]+$/;
const MAX_DIGITS = 15;

export type Search = {
  readonly text: string;
  /** It could be a number, or a part of one. */
  readonly isNumber: boolean;
  finds(call: OpenedCall): boolean;
};

export function searchFor(typed: string): Search {
  const text = typed.trim();
  const lower = text.toLowerCase();
  const number = numberIn(text);
  return {
    text,
    isNumber: number !== undefined,
    finds: ({ row, parties, shown }) =>
      row.call_id === text ||
      row.destination.toLowerCase().includes(lower) ||
      namesOf(parties).some((name) => name.toLowerCase().includes(lower)) ||
      (number !== undefined && (isIn(number, parties.called, shown.called) || isIn(number, parties.calling, shown.calling))),
  };
}

export function userOf({ userPrincipalName, userDisplayName, userId }: Parties): string | null {
  return userPrincipalName ?? userDisplayName ?? userId;
}

function namesOf({ userPrincipalName, userDisplayName, userId }: Parties): readonly string[] {
  return [userPrincipalName, userDisplayName, userId].filter((name) => name !== null);
}

type WantedNumber = { readonly digits: string; readonly isInternational: boolean };

function numberIn(text: string): WantedNumber | undefined {
  const found = NUMBER.exec(text);
  const isInternational = found?.groups?.['international'] !== undefined;
  // 06 12 34 within a country is +33 6 12 34 outside of it.
  const digits = text.replaceAll(/\D/g, '').replace(/^0+/, '');
  const isNumber = found !== null && digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS;
  return isNumber ? { digits, isInternational } : undefined;
}

function isIn({ digits, isInternational }: WantedNumber, number: string | null, shown: string | null): boolean {
  if (number === null || shown === null) return false;
  const whole = beforeHost(number).replaceAll(/\D/g, '');
  const visible = beforeHost(shown).replaceAll(/[^\d*]/g, '');
  if (isInternational) return visible.startsWith(digits) || whole === digits;
  const hidden = visible.length - visible.replaceAll('*', '').length;
  return visible.includes(digits) || (digits.length >= hidden + MIN_DIGITS && whole.endsWith(digits));
}

/** Of sip:+33123456789@192.0.2.7 the digits before the host are the number. */
function beforeHost(number: string): string {
  const end = number.indexOf('@');
  return end === -1 ? number : number.slice(0, end);
}
