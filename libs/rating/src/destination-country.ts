// Rate step's geography: a called number in, its country out; for policies and included minutes, not for prices.

import { Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Numbering plans tell countries apart within this many digits: `+44 7911 17` is Guernsey. */
const TELLING_CHARACTERS = 10;
const MAX_REMEMBERED = 100_000;
const remembered = new Map<string, string | null>();

/**
 * ISO 3166 alpha-2 of an E.164 number, null for numbers of no country: `+14165550123` → CA, `+80012345678` → null. The metadata takes
 * 13 µs a number, so what begins alike is asked once.
 */
export function destinationCountry(e164: string): string | null {
  const telling = `${e164.slice(0, TELLING_CHARACTERS)}/${e164.length}`;
  const known = remembered.get(telling);
  if (known !== undefined) return known;
  const country = countryOf(e164);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(telling, country);
  return country;
}

/** A number that fits none of the countries that share its calling code is taken for one of their main country. */
function countryOf(e164: string): string | null {
  const parsed = parsePhoneNumberFromString(e164);
  if (parsed === undefined) return null;
  const [main = WORLD] = parsed.country === undefined ? countriesOf(parsed.countryCallingCode) : [parsed.country];
  return main === WORLD ? null : main;
}

/** The metadata's name for calling codes of no country, such as 800 and 870. */
const WORLD = '001';

function countriesOf(callingCode: string): readonly string[] {
  const metadata = new Metadata() as Metadata & { getCountryCodesForCallingCode(code: string): readonly string[] | undefined };
  return metadata.getCountryCodesForCallingCode(callingCode) ?? [];
}
