// Rate step's geography: a called number in, its country out; for policies and included minutes, not for prices.

import { Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Countries that share a calling code are told apart within this many characters: `+44 7911 17` is Guernsey; of +1 by the area code. */
const TELLING_CHARACTERS = 10;
const TELLING_CHARACTERS_OF_AREA_CODES = 5;
const MAX_CALLING_CODE_DIGITS = 3;
const MAX_REMEMBERED = 100_000;
/** The metadata's name for calling codes of no country, such as 800 and 870. */
const WORLD = '001';

const callingCodes = new Map<string, readonly string[]>();
const remembered = new Map<string, string | null>();

/**
 * ISO 3166 alpha-2 of an E.164 number, null for numbers of no country: `+14165550123` → CA, `+80012345678` → null. Most calling codes are
 * of one country; for the others the metadata takes 13 µs a number, so what begins alike is asked once.
 */
export function destinationCountry(e164: string): string | null {
  const countries = countriesOf(e164);
  const [only] = countries;
  if (only === undefined || countries.length === 1) return only === undefined || only === WORLD ? null : only;
  const telling = e164.startsWith('+1') ? TELLING_CHARACTERS_OF_AREA_CODES : TELLING_CHARACTERS;
  const key = `${e164.slice(0, telling)}/${e164.length}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  // One that fits none of them is taken for a number of their main country.
  const country = parsePhoneNumberFromString(e164)?.country ?? only;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, country);
  return country;
}

/** Those of its calling code, the main one first; no calling code begins with another. */
function countriesOf(e164: string): readonly string[] {
  for (let digits = 1; digits <= MAX_CALLING_CODE_DIGITS; digits += 1) {
    const code = e164.slice(1, 1 + digits);
    let countries = callingCodes.get(code);
    if (countries === undefined) callingCodes.set(code, (countries = countriesOfCode(code)));
    if (countries.length > 0) return countries;
  }
  return [];
}

function countriesOfCode(callingCode: string): readonly string[] {
  const metadata = new Metadata() as Metadata & { getCountryCodesForCallingCode(code: string): readonly string[] | undefined };
  return metadata.getCountryCodesForCallingCode(callingCode) ?? [];
}
