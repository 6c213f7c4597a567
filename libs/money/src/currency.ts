// Money, at the rim: unchecked currency codes in, the decimals that people expect of them out.

import { MICRO_DECIMALS, type Micros } from './decimal.js';

/**
 * Minor units by ISO 4217, list one of its maintenance agency (SIX Group, six-group.com, "current currency & funds").
 * `Intl` follows CLDR, which shows what shops use: it gives 0 decimals to ALL, IDR or LBP where the standard says 2, and
 * some 17 codes differ so (CLDR changes them). An invoice follows the standard. Codes without minor units (gold, testing, no currency) are left out.
 */
const CODES_BY_MINOR_UNITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD
    NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const MINOR_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_MINOR_UNITS).flatMap(([minorUnits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(minorUnits)] as const),
  ),
);

/** True for the upper-case code of a currency one can be billed in. */
export function isCurrency(unchecked: unknown): unchecked is string {
  return typeof unchecked === 'string' && MINOR_UNITS.has(unchecked);
}

/** Decimals of the currency's smallest unit: 2 for EUR, 0 for JPY, 3 for KWD. Throws for a code that was never checked. */
export function minorUnitsOf(currency: string): number {
  const minorUnits = MINOR_UNITS.get(currency);
  if (minorUnits === undefined) throw new RangeError(`"${currency}" is not an ISO 4217 currency`);
  return minorUnits;
}

/** What its smallest unit is in micro-units: 10_000n for EUR, 1_000_000n for JPY. Throws as `minorUnitsOf`. */
export function minorUnitMicros(currency: string): Micros {
  return 10n ** BigInt(MICRO_DECIMALS - minorUnitsOf(currency));
}

/** Every code of the table, in alphabetical order. */
export function currencies(): readonly string[] {
  return [...MINOR_UNITS.keys()].toSorted();
}
