// A field for money: what is typed goes out as typed; whether it is an amount is told below it once it was left.

import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { typedAmount } from '../format/money.js';
import { useWords } from '../words/words.js';

type AmountInputProps = {
  readonly label: string;
  readonly currency: string;
  readonly value: string;
  readonly onChange: (typed: string) => void;
  readonly description?: string;
  readonly required?: boolean;
};

export function AmountInput({ label, currency, value, onChange, description, required = false }: AmountInputProps): ReactNode {
  const { say } = useWords();
  const [wasLeft, setWasLeft] = useState(false);
  const isWrong = value.trim() === '' ? false : typedAmount(value) === undefined;
  return (
    <TextInput
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => setWasLeft(true)}
      error={wasLeft && isWrong ? say('forms.amountWrong') : undefined}
      inputMode="decimal"
      autoComplete="off"
      required={required}
      rightSection={<span className="unit">{currency}</span>}
      rightSectionWidth={48}
      rightSectionPointerEvents="none"
    />
  );
}
