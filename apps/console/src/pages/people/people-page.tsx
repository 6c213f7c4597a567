// People.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function PeoplePage({ tenant }: { readonly tenant: string }): ReactNode {
  return <Page name="people">{tenant}</Page>;
}
