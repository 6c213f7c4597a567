// Operations.

import type { ReactNode } from 'react';
import { Page } from '../../parts/page.js';

export function OperationsPage({ tenant }: { readonly tenant: string | undefined }): ReactNode {
  return <Page name="operations">{tenant}</Page>;
}
