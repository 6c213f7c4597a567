// Usage report, numbers: a telephone number and the country of its tenant in, what may be shown of it out.

/** By the law of the organisation's country, the last digits of outside numbers are not shown. */
const HIDDEN_DIGITS: Readonly<Record<string, number>> = {
  FR: 4,
  CH: 4,
  BE: 3,
  DE: 3,
  DK: 3,
  ES: 3,
  FI: 3,
  IT: 3,
  NL: 3,
  NO: 3,
  SE: 3,
};
/** Of services such as 112, which are nobody's. */
const MAX_SERVICE_DIGITS = 6;
/** The calling number of a call that a user hands on is often that of the person who called. */
const HANDED_ON: readonly string[] = ['user_out_transfer', 'user_out_forwarding'];

export type Numbers = { readonly calling: string; readonly called: string };

/** The outside number is the caller's of an inbound call and the called one of any other. */
export function shownNumbers(
  { calling, called }: Numbers,
  call: { readonly isInbound: boolean; readonly callType: string },
  country: string | null,
): Numbers {
  const [isCallingOutside, isCalledOutside] = [call.isInbound || HANDED_ON.includes(call.callType), !call.isInbound];
  return {
    calling: isCallingOutside ? maskedNumber(calling, country) : calling,
    called: isCalledOutside ? maskedNumber(called, country) : called,
  };
}

/** `+33123456789` is `+3312345****` for a tenant of FR, `+33123456***` for one of DE, and whole for one of US. */
export function maskedNumber(number: string, country: string | null): string {
  let hidden = country === null ? 0 : (HIDDEN_DIGITS[country] ?? 0);
  if (hidden === 0 || (number.match(/\d/g)?.length ?? 0) <= MAX_SERVICE_DIGITS) return number;
  // Of an address such as sip:+33123456789@192.0.2.7 the digits before the host are the number.
  const end = number.includes('@') ? number.indexOf('@') : number.length;
  let masked = number.slice(end);
  for (let at = end - 1; at >= 0; at -= 1) {
    const character = number.charAt(at);
    const isDigit = character >= '0' && character <= '9';
    masked = (isDigit && hidden > 0 ? '*' : character) + masked;
    if (isDigit) hidden -= 1;
  }
  return masked;
}
