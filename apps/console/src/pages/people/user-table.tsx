// People's list: what each user holds and may dial, now and from later instants on.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Held, User } from '../../data/answers.js';
import { instantText } from '../../format/time.js';
import { DataTable } from '../../parts/data-table.js';
import { Sign } from '../../parts/notice.js';
import { useWords } from '../../words/words.js';

type TableProps = {
  readonly users: readonly User[];
  readonly onAssign: (user: User) => void;
  readonly onPolicy: (user: User) => void;
};

export function UserTable({ users, onAssign, onPolicy }: TableProps): ReactNode {
  const { say } = useWords();
  return (
    <DataTable
      label={say('people.users')}
      rows={users}
      keyOf={(user) => user.pseudonym}
      minWidth={760}
      columns={[
        {
          head: say('people.user'),
          isRowHead: true,
          cell: (user) => user.user ?? <span className="code quiet">{user.pseudonym}</span>,
        },
        { head: say('people.licences'), cell: (user) => <Holdings user={user} /> },
        { head: say('people.policy'), cell: (user) => <PolicyOf user={user} /> },
        {
          head: <span className="unseen">{say('people.change')}</span>,
          isFigure: true,
          // Whose name was erased can be assigned nothing more.
          cell: (user) =>
            user.user === null ? null : (
              <span className="buttons end">
                <Button size="compact-xs" variant="default" onClick={() => onAssign(user)}>
                  {say('people.changeLicences')}
                </Button>
                <Button size="compact-xs" variant="default" onClick={() => onPolicy(user)}>
                  {say('people.changePolicy')}
                </Button>
              </span>
            ),
        },
      ]}
    />
  );
}

function Holdings({ user: { now, later } }: { readonly user: User }): ReactNode {
  const { say, language } = useWords();
  return (
    <>
      {now === null ? <span className="quiet">{say('people.nothing')}</span> : <Licences held={now} />}
      {later.map((held) => (
        <div key={held.from} className="quiet">
          {say('people.later', { at: instantText(held.from, language) })} <Licences held={held} />
        </div>
      ))}
    </>
  );
}

function Licences({ held: { country, licences } }: { readonly held: Held }): ReactNode {
  const { say } = useWords();
  if (licences.length === 0) return <span className="quiet">{say('people.nothing')}</span>;
  return (
    <span className="signs">
      <span className="quiet">{country}</span>
      {licences.map((licence) => (
        <Sign key={licence} tone="quiet">
          {say.code('licence', licence)}
        </Sign>
      ))}
    </span>
  );
}

function PolicyOf({ user: { policy } }: { readonly user: User }): ReactNode {
  const { say, language } = useWords();
  return (
    <>
      {policy.now === null ? <span className="quiet">{say('people.asTenant')}</span> : say.code('policy', policy.now)}
      {policy.later.map((later) => (
        <div key={later.from} className="quiet">
          {say('people.later', { at: instantText(later.from, language) })} {say.code('policy', later.policy)}
        </div>
      ))}
    </>
  );
}
