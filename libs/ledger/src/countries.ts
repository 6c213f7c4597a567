// The waterfall's geography: countries by ISO 3166 alpha-2, as Microsoft's documentation of Communications Credits and Audio
// Conferencing lists them.

/** Where Communications Credits are not sold (design 8.9). */
const CREDITS_NOT_SOLD = new Set('BH CN IN KZ MK NI PK RU KR TW UA'.split(' '));

/** Zone A of Audio Conferencing: where its included minutes reach, and the dial-out policy of that name. */
const ZONE_A = new Set(
  (
    'AU AT BE BR BG CA CN HR CZ DK EE FI FR DE GR HK HU IN IE IT JP LU MY MX NL NZ NO PL PT PR RO RU SG SK SI ZA KR ES SE CH TW TH ' +
    'GB US'
  ).split(' '),
);

/** Destinations of the extended dial-out add-on. */
const EXTENDED_DIAL_OUT = new Set(['US', 'CA']);

/** Regions of Enterprise Agreements: the billing address lies in that of the organisation. */
const REGIONS = {
  americas:
    'AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GT GY HN HT JM KN KY LC MF MQ MS MX NI PA PE PM PR ' +
    'PY SR SV SX TC TT US UY VC VE VG VI',
  'asia-pacific':
    'AS AU BD BN BT CC CK CN CX FJ FM GU HK ID IN IO JP KH KI KP KR LA LK MH MM MN MO MP MV MY NC NF NP NR NU NZ PF PG PH PK PN PW SB ' +
    'SG TH TK TL TO TV TW VN VU WF WS',
} as const;

const REGION_OF = new Map(
  Object.entries(REGIONS).flatMap(([region, countries]) => countries.split(' ').map((country) => [country, region] as const)),
);

/** Europe, the Middle East and Africa are the rest. */
export function regionOf(country: string): string {
  return REGION_OF.get(country) ?? 'emea';
}

export function creditsAreSoldIn(country: string): boolean {
  return !CREDITS_NOT_SOLD.has(country);
}

export function isInZoneA(country: string): boolean {
  return ZONE_A.has(country);
}

export function isInExtendedDialOut(country: string): boolean {
  return EXTENDED_DIAL_OUT.has(country);
}
