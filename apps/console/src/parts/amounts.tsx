// Figures on the page: amounts, counts and instants in the reader's language, with digits that stand below each other.

import type { ReactNode } from 'react';
import { isNegative, moneyText } from '../format/money.js';
import { countText, dayText, instantText } from '../format/time.js';
import { useWords } from '../words/words.js';

type MoneyProps = {
  readonly amount: string;
  readonly currency: string;
  /** At least so many, for amounts that stand below each other. */
  readonly decimals?: number;
  readonly testId?: string;
};

export function Money({ amount, currency, decimals = 2, testId }: MoneyProps): ReactNode {
  const { language } = useWords();
  return (
    <span className={isNegative(amount) ? 'figure negative' : 'figure'} data-testid={testId} data-amount={amount}>
      {moneyText(amount, currency, language, decimals)}
    </span>
  );
}

export function Count({ value }: { readonly value: number }): ReactNode {
  const { language } = useWords();
  return <span className="figure">{countText(value, language)}</span>;
}

export function Instant({ at }: { readonly at: string | null }): ReactNode {
  const { language } = useWords();
  if (at === null) return '–';
  return (
    <time className="figure" dateTime={at}>
      {instantText(at, language)}
    </time>
  );
}

export function Day({ day }: { readonly day: string }): ReactNode {
  const { language } = useWords();
  return (
    <time className="figure" dateTime={day}>
      {dayText(day, language)}
    </time>
  );
}
