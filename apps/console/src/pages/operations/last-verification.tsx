// Operations' verification: what the last one checked and found, and a new one.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ask } from '../../data/http.js';
import type { Verification } from '../../data/operations-answers.js';
import { operationsQuery } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { instantText } from '../../format/time.js';
import { Count } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Notice, Sign } from '../../parts/notice.js';
import { Empty, Failure, Waiting } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

export function LastVerification({ verification }: { readonly verification: Verification | null }): ReactNode {
  const { say } = useWords();
  const verify = useWrite(operationsQuery.queryKey, (wish: object, key) =>
    ask<unknown>('/v1/operations/verifications', { method: 'POST', json: wish, key }),
  );
  const isRunning = verification?.state === 'running';
  return (
    <>
      {verification === null ? <Empty>{say('operations.neverVerified')}</Empty> : <Outcome verification={verification} />}
      <div className="buttons pager">
        <Button variant="default" disabled={isRunning} loading={verify.isPending} onClick={() => verify.mutate({})}>
          {say('operations.verifyNow')}
        </Button>
      </div>
      {verify.isError ? <Failure error={verify.error} /> : null}
    </>
  );
}

function Outcome({
  verification: { state, startedAt, finishedAt, checks, error },
}: {
  readonly verification: Verification;
}): ReactNode {
  const { say, language } = useWords();
  const differ = checks.filter((check) => check.differ > 0).length;
  const at = instantText(finishedAt ?? startedAt, language);
  return (
    <>
      {state === 'running' ? <Waiting what={say('operations.verifying', { at })} /> : null}
      {state === 'failed' ? (
        <Notice tone="bad" title={say('operations.verifyFailed', { at })}>
          {error}
        </Notice>
      ) : null}
      {state === 'done' ? (
        <Notice tone={differ === 0 ? 'good' : 'bad'}>
          {say(differ === 0 ? 'operations.allHolds' : 'operations.differs', { at, differ })}
        </Notice>
      ) : null}
      {checks.length === 0 ? null : (
        <DataTable
          label={say('operations.verification')}
          rows={checks}
          keyOf={({ name }) => name}
          minWidth={340}
          columns={[
            { head: say('operations.check'), isRowHead: true, cell: ({ name }) => name },
            { head: say('operations.checked'), isFigure: true, cell: ({ checked }) => <Count value={checked} /> },
            {
              head: say('operations.differ'),
              isFigure: true,
              cell: (check) => (
                <Sign tone={check.differ === 0 ? 'good' : 'bad'}>
                  <Count value={check.differ} />
                </Sign>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
