// People, what cells and options hold: text → country, licences or instant, or undefined when it is none.

import { isLicence, type Licence } from '@tollkeeper/ledger';

const COUNTRY = /^[A-Z]{2}$/;
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const FIRST_MS = Date.UTC(2000, 0, 1);
const END_MS = Date.UTC(2100, 0, 1);
const BETWEEN_LICENCES = /[|;]/;

export function parseCountry(text: string): string | undefined {
  const country = text.toUpperCase();
  return COUNTRY.test(country) ? country : undefined;
}

/** A date is its midnight in UTC; a time needs its offset, since it could be anybody's otherwise. */
export function parseFrom(text: string): number | undefined {
  const atMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  return atMs >= FIRST_MS && atMs < END_MS ? atMs : undefined;
}

/** `calling-plan-120 | audio-conferencing`; blank: none. Or the first name that is no licence. */
export function parseLicences(text: string): readonly Licence[] | { readonly unknown: string } {
  const names = text
    .split(BETWEEN_LICENCES)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !isLicence(name));
  return unknown === undefined ? [...new Set(names.filter(isLicence))] : { unknown };
}
