// Links to the pages of the tenant that is shown, and the reader's settings below them.

import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { forgetOperator, useIsOperator } from '../data/operator.js';
import { PAGES, pathOf, usePlace } from '../parts/use-place.js';
import { LANGUAGES, useWords, type Language } from '../words/words.js';

const NAMES: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français' };
const SCHEMES: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

export function Navigation({ isOpen, onChoice }: { readonly isOpen: boolean; readonly onChoice: () => void }): ReactNode {
  const { say } = useWords();
  const { tenant, page } = usePlace();
  return (
    <nav id="navigation" className={isOpen ? 'navigation open' : 'navigation'} aria-label={say('shell.navigation')}>
      <ul>
        {PAGES.map((name) => (
          <li key={name}>
            <Link href={pathOf(tenant, name)} aria-current={name === page ? 'page' : undefined} onClick={onChoice}>
              {say(`pages.${name}`)}
            </Link>
          </li>
        ))}
      </ul>
      <Settings />
    </nav>
  );
}

function Settings(): ReactNode {
  const { say, language, setLanguage } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isOperator = useIsOperator();
  return (
    <div className="settings">
      <NativeSelect
        label={say('shell.language')}
        size="xs"
        value={language}
        onChange={(event) => setLanguage(event.currentTarget.value as Language)}
        data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
      />
      <NativeSelect
        label={say('shell.colourScheme')}
        size="xs"
        value={colorScheme}
        onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
        data={SCHEMES.map((value) => ({ value, label: say(`scheme.${value}`) }))}
      />
      <p className="hint">{say('shell.utc')}</p>
      {isOperator ? (
        <button type="button" className="plain" onClick={forgetOperator}>
          {say('shell.forgetOperator')}
        </button>
      ) : null}
    </div>
  );
}
