// The console put together: theme, words, data, and the page that the address names.

import { createTheme, MantineProvider, type MantineColorsTuple } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, type ComponentType, type ReactNode } from 'react';
import { Router } from 'wouter';
import { newQueryClient } from './data/queries.js';
import { Waiting } from './parts/states.js';
import { usePlace, type PageName } from './parts/use-place.js';
import { PageFence } from './shell/page-fence.js';
import { Shell } from './shell/shell.js';
import { NoTenant, ToFirstTenant } from './shell/to-first-tenant.js';
import { WordsProvider, type Catalogue, type Language } from './words/words.js';

export type PageProps = { readonly tenant: string };

const OF_A_TENANT: Readonly<Record<Exclude<PageName, 'operations' | 'rates'>, ComponentType<PageProps>>> = {
  overview: lazy(async () => ({ default: (await import('./pages/overview/overview-page.js')).OverviewPage })),
  calls: lazy(async () => ({ default: (await import('./pages/calls/calls-page.js')).CallsPage })),
  recharges: lazy(async () => ({ default: (await import('./pages/recharges/recharges-page.js')).RechargesPage })),
  people: lazy(async () => ({ default: (await import('./pages/people/people-page.js')).PeoplePage })),
  report: lazy(async () => ({ default: (await import('./pages/report/report-page.js')).ReportPage })),
};

const OF_ALL: Readonly<Record<'operations' | 'rates', ComponentType<{ readonly tenant: string | undefined }>>> = {
  rates: lazy(async () => ({ default: (await import('./pages/rates/rates-page.js')).RatesPage })),
  operations: lazy(async () => ({ default: (await import('./pages/operations/operations-page.js')).OperationsPage })),
};

const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'sm',
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  colors: { dark: darkGreys() },
});

type AppProps = { readonly language: Language; readonly catalogue: Catalogue };

export function App({ language, catalogue }: AppProps): ReactNode {
  const client = useMemo(newQueryClient, []);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <WordsProvider first={language} firstCatalogue={catalogue}>
        <QueryClientProvider client={client}>
          <Router base="/console">
            <Shell>
              <PageFence>
                <Suspense fallback={<Waiting />}>
                  <CurrentPage />
                </Suspense>
              </PageFence>
            </Shell>
          </Router>
        </QueryClientProvider>
      </WordsProvider>
    </MantineProvider>
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

/** A little bluer than Mantine's, and light enough for text of secondary weight to be read on it. */
function darkGreys(): MantineColorsTuple {
  return ['#d5d9e2', '#b4bac8', '#a3aaba', '#7d8597', '#3a4152', '#2f3646', '#232938', '#191e2a', '#12161f', '#0c0f16'];
}
