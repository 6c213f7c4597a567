// Report.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function ReportPage({ tenant }: { readonly tenant: string }): ReactNode {
  return <Page name="report">{tenant}</Page>;
}
