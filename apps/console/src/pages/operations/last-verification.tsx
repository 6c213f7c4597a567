// Operations' verification: what the last one checked and found, and a new one.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ask } from '../../data/http.js';
import type { Verification } from '../../data/operations-answers.js';
import { operationsQuery } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { instantText } from '../../format/time.js';
import { English } from '../../parts/english.js';
import { Notice } from '../../parts/notice.js';
import { Empty, Failure, Waiting } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { Checks, Differences } from './checks.js';

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
  verification: { state, tenant, startedAt, finishedAt, checks, error },
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
          <English>{error}</English>
        </Notice>
      ) : null}
      {state === 'done' ? (
        <Notice tone={differ === 0 ? 'good' : 'bad'}>
          {say(differ === 0 ? 'operations.allHolds' : 'operations.differs', { at, differ })}
        </Notice>
      ) : null}
      {tenant === null ? null : <p className="hint">{say('operations.ofTenant', { tenant })}</p>}
      <Differences checks={checks} />
      {checks.length === 0 ? null : <Checks checks={checks} />}
    </>
  );
}
