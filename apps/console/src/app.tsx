// The console put together: theme, words, data, and the page that the address names.

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react';
import { Router } from 'wouter';
import { newQueryClient } from './data/queries.js';
import { Waiting } from './parts/states.js';
import { usePlace, type PageName } from './parts/use-place.js';
import { fetched, PageFence } from './shell/page-fence.js';
import { Shell } from './shell/shell.js';
import { NoTenant, ToFirstTenant } from './shell/to-first-tenant.js';
import { colours, theme } from './theme.js';
import { WordsProvider, type Catalogue, type Language } from './words/words.js';

export type PageProps = { readonly tenant: string };

const OF_A_TENANT: Readonly<Record<Exclude<PageName, 'operations' | 'rates'>, ComponentType<PageProps>>> = {
  overview: lazy(async () => ({ default: (await fetched(import('./pages/overview/overview-page.js'))).OverviewPage })),
  calls: lazy(async () => ({ default: (await fetched(import('./pages/calls/calls-page.js'))).CallsPage })),
  recharges: lazy(async () => ({ default: (await fetched(import('./pages/recharges/recharges-page.js'))).RechargesPage })),
  people: lazy(async () => ({ default: (await fetched(import('./pages/people/people-page.js'))).PeoplePage })),
  report: lazy(async () => ({ default: (await fetched(import('./pages/report/report-page.js'))).ReportPage })),
};

const OF_ALL: Readonly<Record<'operations' | 'rates', ComponentType<{ readonly tenant: string | undefined }>>> = {
  rates: lazy(async () => ({ default: (await fetched(import('./pages/rates/rates-page.js'))).RatesPage })),
  operations: lazy(async () => ({ default: (await fetched(import('./pages/operations/operations-page.js'))).OperationsPage })),
};

type AppProps = { readonly language: Language; readonly catalogue: Catalogue };

export function App({ language, catalogue }: AppProps): ReactNode {
  const [client] = useState(newQueryClient);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={colours} defaultColorScheme="auto">
      <WordsProvider first={language} firstCatalogue={catalogue}>
        <QueryClientProvider client={client}>
          <Router base="/console">
            <Shell>
              <FencedPage />
            </Shell>
          </Router>
        </QueryClientProvider>
      </WordsProvider>
    </MantineProvider>
  );
}

function FencedPage(): ReactNode {
  const { page } = usePlace();
  return (
    // One page's trouble is not the next one's.
    <PageFence key={page}>
      <Suspense fallback={<Waiting />}>
        <CurrentPage />
      </Suspense>
    </PageFence>
  );
}

function CurrentPage(): ReactNode {
  const { tenant, page } = usePlace();
  if (page === undefined) return <ToFirstTenant />;
  if (page === 'operations' || page === 'rates') {
    const ForAll = OF_ALL[page];
    return <ForAll tenant={tenant} />;
  }
  if (tenant === undefined) return <NoTenant page={page} />;
  const ForTenant = OF_A_TENANT[page];
  // Nothing typed for one tenant may be sent for another.
  return <ForTenant key={tenant} tenant={tenant} />;
}
