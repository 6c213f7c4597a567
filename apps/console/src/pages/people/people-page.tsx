// People: who of the tenant holds which licences and may dial what, one by one or by file.

import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { User, UsersPage } from '../../data/answers.js';
import { ask, withQuery } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { Dialog } from '../../parts/dialog.js';
import { Page, Section } from '../../parts/page.js';
import { Pager } from '../../parts/pager.js';
import { Answered, Empty } from '../../parts/states.js';
import { usePages } from '../../parts/use-pages.js';
import { useWords } from '../../words/words.js';
import { AssignLicences } from './assign-licences.js';
import { LicenceFile } from './licence-file.js';
import { DialOutPolicy } from './dial-out-policy.js';
import { UserTable } from './user-table.js';

const PAGE = 50;

/** Null: somebody new. */
type Editing = { readonly user: User | null } | undefined;

export function PeoplePage({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const [editing, setEditing] = useState<Editing>();
  const [policyOf, setPolicyOf] = useState<User>();
  const { query, back, on } = usePages(tenantKey(tenant, 'users'), async (cursor, signal) => {
    const page = await ask<UsersPage>(withQuery(tenantPath(tenant, 'users'), { after: cursor, limit: PAGE }), { signal });
    const next = page.next === null ? null : new URL(page.next, location.origin).searchParams.get('after');
    return { ...page, next };
  });
  return (
    <Page name="people" beside={<Button onClick={() => setEditing({ user: null })}>{say('people.assign')}</Button>}>
      <Section title={say('people.users')}>
        <Answered query={query}>
          {({ users }) => (
            <>
              {users.length === 0 ? (
                <Empty>{say('people.none')}</Empty>
              ) : (
                <UserTable users={users} onAssign={(user) => setEditing({ user })} onPolicy={setPolicyOf} />
              )}
              <Pager back={back} on={on} />
            </>
          )}
        </Answered>
      </Section>
      <div className="two">
        <Section title={say('people.tenantPolicy')} hint={say('people.tenantPolicyHint')}>
          <Answered query={query}>{({ policy }) => <DialOutPolicy tenant={tenant} user={null} policies={policy} />}</Answered>
        </Section>
        <Section title={say('people.file')} hint={say('people.fileHint')}>
          <LicenceFile tenant={tenant} />
        </Section>
      </div>
      <Dialog opened={editing !== undefined} onClose={() => setEditing(undefined)} title={say('people.assign')}>
        {editing === undefined ? null : (
          <AssignLicences tenant={tenant} user={editing.user} onDone={() => setEditing(undefined)} />
        )}
      </Dialog>
      <Dialog opened={policyOf !== undefined} onClose={() => setPolicyOf(undefined)} title={say('people.userPolicy')}>
        {policyOf?.user == null ? null : (
          <>
            <p>{policyOf.user}</p>
            <DialOutPolicy tenant={tenant} user={policyOf.user} policies={policyOf.policy} />
          </>
        )}
      </Dialog>
    </Page>
  );
}
