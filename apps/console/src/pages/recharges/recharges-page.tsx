// Recharges.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function RechargesPage({ tenant }: { readonly tenant: string }): ReactNode {
  return <Page name="recharges">{tenant}</Page>;
}
