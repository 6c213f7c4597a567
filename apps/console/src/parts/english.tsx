// Sentences that the API tells in English: marked as such on a page in another language, so that screen readers pronounce them.

import type { ReactNode } from 'react';
import { useWords } from '../words/words.js';

export function English({ children }: { readonly children: ReactNode }): ReactNode {
  const { language } = useWords();
  return language === 'en' ? children : <span lang="en">{children}</span>;
}
