// People's file: licences of many by CSV; its faults are told by line and column, and nothing of a faulty file is assigned.

import { Button } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { LicencesAnswer } from '../../data/answers.js';
import { ask, withQuery } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { FileInput } from '../../parts/file-input.js';
import { Done, Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

type Wish = { readonly file: File; readonly isDryRun: boolean };

export function LicenceFile({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const [file, setFile] = useState<File>();
  const upload = useWrite(tenantKey(tenant), ({ file: csv, isDryRun }: Wish, key) =>
    ask<LicencesAnswer>(withQuery(tenantPath(tenant, 'licences'), { dryRun: isDryRun ? 'true' : undefined }), {
      method: 'POST',
      csv,
      key,
    }),
  );

  function send(isDryRun: boolean): void {
    if (file !== undefined) upload.mutate({ file, isDryRun });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    send(false);
  }

  return (
    <form className="stack" onSubmit={submit}>
      <FileInput label={say('people.csv')} accept=".csv,text/csv,.txt" onChange={setFile} />
      <div className="buttons">
        <Button type="submit" disabled={file === undefined} loading={upload.isPending}>
          {say('people.upload')}
        </Button>
        <Button variant="default" disabled={file === undefined || upload.isPending} onClick={() => send(true)}>
          {say('people.check')}
        </Button>
      </div>
      {upload.isError ? <Failure error={upload.error} /> : null}
      {upload.isSuccess ? <Outcome answer={upload.data} isDryRun={upload.variables.isDryRun} /> : null}
    </form>
  );
}

function Outcome({ answer, isDryRun }: { readonly answer: LicencesAnswer; readonly isDryRun: boolean }): ReactNode {
  const { say } = useWords();
  const { rows, assigned, unchanged } = answer;
  return <Done>{isDryRun ? say('people.checked', { rows }) : say('people.uploaded', { rows, assigned, unchanged })}</Done>;
}
