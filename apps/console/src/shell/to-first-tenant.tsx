// An address without a page: on to the overview of the tenant seen last, else of the first one; and what to do where there is none.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Redirect } from 'wouter';
import { tenantsQuery } from '../data/queries.js';
import { Page } from '../parts/page.js';
import { Answered, Empty } from '../parts/states.js';
import { pathOf, usePlace, type PageName } from '../parts/use-place.js';
import { useWords } from '../words/words.js';
import { OpenAccount } from './open-account.js';
import { tenantSeenLast } from './tenant-switch.js';

export function ToFirstTenant(): ReactNode {
  const { tenant } = usePlace();
  const tenants = useQuery(tenantsQuery);
  return (
    <Answered query={tenants}>
      {(rows) => {
        const names = rows.map((row) => row.tenant);
        const wanted = [tenant, tenantSeenLast()].find((name) => name !== undefined && names.includes(name)) ?? names[0];
        return <Redirect to={pathOf(wanted, 'overview')} replace />;
      }}
    </Answered>
  );
}

export function NoTenant({ page }: { readonly page: PageName }): ReactNode {
  const { say } = useWords();
  const tenants = useQuery(tenantsQuery);
  return (
    <Page name={page}>
      <Answered query={tenants}>
        {([first]) =>
          first === undefined ? (
            <div className="panel">
              <Empty>{say('states.noTenant')}</Empty>
              <OpenAccount />
            </div>
          ) : (
            <Redirect to={pathOf(first.tenant, page)} replace />
          )
        }
      </Answered>
    </Page>
  );
}
