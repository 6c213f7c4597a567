// Calls.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function CallsPage({ tenant }: { readonly tenant: string }): ReactNode {
  return <Page name="calls">{tenant}</Page>;
}
