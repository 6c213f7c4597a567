// Operations' lines of a verification: how many of each were checked, how many differ, and what is to be said of them.

import type { ReactNode } from 'react';
import type { Check } from '../../data/operations-answers.js';
import { Count } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { English } from '../../parts/english.js';
import { Sign } from '../../parts/notice.js';
import { useWords, type Say } from '../../words/words.js';

const OF_READ_MODEL = 'projection ';

export function Checks({ checks }: { readonly checks: readonly Check[] }): ReactNode {
  const { say } = useWords();
  return (
    <DataTable
      label={say('operations.verification')}
      rows={checks}
      keyOf={({ name }) => name}
      minWidth={300}
      columns={[
        { head: say('operations.check'), isRowHead: true, cell: (check) => <Named check={check} /> },
        {
          head: say('operations.checked'),
          isFigure: true,
          cell: ({ checked, notChecked }) => (notChecked === undefined ? <Count value={checked} /> : '–'),
        },
        { head: say('operations.differ'), isFigure: true, cell: (check) => <Differ check={check} /> },
      ]}
    />
  );
}

function Named({ check: { name, notChecked, remarks = [] } }: { readonly check: Check }): ReactNode {
  const { say } = useWords();
  return (
    <>
      {checkName(name, say)}
      {[...(notChecked === undefined ? [] : [notChecked]), ...remarks].map((sentence) => (
        <div key={sentence} className="hint">
          <English>{sentence}</English>
        </div>
      ))}
    </>
  );
}

function Differ({ check: { differ, notChecked } }: { readonly check: Check }): ReactNode {
  const { say } = useWords();
  if (notChecked !== undefined) return <Sign tone="quiet">{say('operations.notChecked')}</Sign>;
  return (
    <Sign tone={differ === 0 ? 'good' : 'bad'}>
      <Count value={differ} />
    </Sign>
  );
}

/** Where something is wrong, what was found there, and what to do about it. */
export function Differences({ checks }: { readonly checks: readonly Check[] }): ReactNode {
  const { say } = useWords();
  return checks
    .filter(({ differences = [] }) => differences.length > 0)
    .map(({ name, differ, differences = [] }) => (
      <div key={name} className="card" role="group" aria-label={checkName(name, say)}>
        <strong>{checkName(name, say)}</strong>
        <ul>
          {differences.map(({ stream, revision, found, advice }) => (
            <li key={`${stream} ${revision} ${found}`}>
              <span className="code">{[stream, revision].filter((part) => part !== null).join(' @ ')}</span>{' '}
              <English>{`${found}. ${advice}`}</English>
            </li>
          ))}
        </ul>
        {differ > differences.length ? <div className="hint">{say('operations.firstOf', { count: differ })}</div> : null}
      </div>
    ));
}

function checkName(name: string, say: Say): string {
  if (!name.startsWith(OF_READ_MODEL)) return say.code('check', name);
  return say('operations.readModelOf', { name: name.slice(OF_READ_MODEL.length) });
}
