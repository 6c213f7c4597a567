// Rates.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function RatesPage({ tenant }: { readonly tenant: string | undefined }): ReactNode {
  return <Page name="rates">{tenant}</Page>;
}
