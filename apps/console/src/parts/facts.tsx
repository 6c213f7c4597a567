// Names and values below each other, as a list that screen readers know as one.

import type { ReactNode } from 'react';

export type Fact = readonly [name: string, value: ReactNode, languageOfName?: string | undefined];

export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([name, value, language]) => (
        <div key={name}>
          <dt lang={language}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
