// Mail step's words for figures: amounts, instants, months and minutes → as a reader of the language writes them.
//
// Money stays decimal text from the event to the mail: Intl.NumberFormat takes such text exactly, and a number would round it.

import { minorUnitsOf } from '@tollkeeper/money';
import type { Language } from './recipients.js';

export type Say = {
  /** `12.5` in EUR is `€12.50`, `12,50 €`; `0.0201` keeps its four decimals. */
  money(amount: string): string;
  /** `3 March 2026 at 12:00 UTC`: mails are read in every time zone. */
  instant(iso: string): string;
  day(iso: string): string;
  /** `2026-03` is `March 2026`. */
  month(month: string): string;
  /** Whole minutes, those begun left out: a pool that is not used up is never said to be. */
  minutes(ms: number): string;
};

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' };
const MS_PER_MINUTE = 60_000;

export function sayIn(language: Language, currency: string): Say {
  const locale = LOCALES[language];
  const instant = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    return (iso: string): string => format.format(new Date(iso));
  };
  const toTheMinute = instant({ dateStyle: 'long', timeStyle: 'short' });
  return {
    money: (amount) => money(locale, currency, amount),
    instant: (iso) => `${toTheMinute(iso)} UTC`,
    day: instant({ dateStyle: 'long' }),
    month: instant({ month: 'long', year: 'numeric' }),
    minutes: (ms) => new Intl.NumberFormat(locale).format(Math.floor(ms / MS_PER_MINUTE)),
  };
}

function money(locale: string, currency: string, amount: string): string {
  const decimals = amount.split('.')[1]?.length ?? 0;
  const least = minorUnitsOf(currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: least,
    maximumFractionDigits: Math.max(least, decimals),
  });
  return format.format(amount as Intl.StringNumericLiteral);
}
