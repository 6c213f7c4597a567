// The page's words: a key and what is filled in go in, a sentence in the reader's language comes out.
//
// English is always there; another language is fetched when it is chosen.

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en, type Word } from './en.js';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Catalogue = Readonly<Record<Word, string>>;

export type Say = {
  (word: Word, filledIn?: Readonly<Record<string, string | number>>): string;
  /** The word of a code such as `coverage.pool`; codes that have none are shown as they are. */
  readonly code: (group: string, code: string) => string;
  /** The same, and undefined where it has none. */
  readonly known: (group: string, code: string) => string | undefined;
};

type Words = { readonly say: Say; readonly language: Language; readonly setLanguage: (language: Language) => void };

const KEY = 'tollkeeper.language';
const WordsContext = createContext<Words | undefined>(undefined);

/** Before anything is shown, so that nobody sees two languages. */
export async function firstCatalogue(): Promise<{ readonly language: Language; readonly catalogue: Catalogue }> {
  const language = preferredLanguage(localStorage.getItem(KEY), navigator.languages);
  return { language, catalogue: await catalogueOf(language) };
}

/** The one chosen before, else the first of the browser's that there is here. */
export function preferredLanguage(chosen: string | null, wanted: readonly string[]): Language {
  return [chosen ?? '', ...wanted].map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

type ProviderProps = { readonly first: Language; readonly firstCatalogue: Catalogue; readonly children: ReactNode };

export function WordsProvider({ first, firstCatalogue: catalogueAtFirst, children }: ProviderProps): ReactNode {
  const [spoken, setSpoken] = useState({ language: first, catalogue: catalogueAtFirst });
  useEffect(() => {
    document.documentElement.lang = spoken.language;
  }, [spoken.language]);
  const words = useMemo(() => {
    return {
      say: sayingFrom(spoken.catalogue),
      language: spoken.language,
      setLanguage: (language: Language) => {
        localStorage.setItem(KEY, language);
        void catalogueOf(language).then((catalogue) => setSpoken({ language, catalogue }));
      },
    };
  }, [spoken]);
  return <WordsContext value={words}>{children}</WordsContext>;
}

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === undefined) throw new Error('useWords stands outside WordsProvider');
  return words;
}

/** `{name}` in a sentence is where a value is filled in. */
export function sayingFrom(catalogue: Catalogue): Say {
  const say = (word: Word, filledIn: Readonly<Record<string, string | number>> = {}): string =>
    catalogue[word].replaceAll(/\{(\w+)\}/g, (place, name: string) => String(filledIn[name] ?? place));
  const known = (group: string, code: string): string | undefined => {
    const word = `${group}.${code}`;
    return Object.hasOwn(catalogue, word) ? catalogue[word as Word] : undefined;
  };
  return Object.assign(say, { known, code: (group: string, code: string) => known(group, code) ?? code });
}

function isLanguage(tag: string): tag is Language {
  return (LANGUAGES as readonly string[]).includes(tag);
}

async function catalogueOf(language: Language): Promise<Catalogue> {
  return language === 'fr' ? (await import('./fr.js')).fr : en;
}
