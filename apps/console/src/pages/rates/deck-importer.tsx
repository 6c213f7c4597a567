// Rates' import, by the operator: a deck file becomes versions of its plans, each of which may be activated then.

import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ask, withQuery } from '../../data/http.js';
import { decksQuery } from '../../data/queries.js';
import type { DeckImport } from '../../data/rate-answers.js';
import { useWrite } from '../../data/writes.js';
import { Dialog } from '../../parts/dialog.js';
import { FileInput } from '../../parts/file-input.js';
import { Notice, Sign } from '../../parts/notice.js';
import { Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { Activate, SHORT_HASH_CHARS } from './deck-versions.js';

type Wish = { readonly csv: string; readonly currency: string; readonly author: string; readonly name: string };

export function DeckImporter(): ReactNode {
  const { say } = useWords();
  const [file, setFile] = useState<File>();
  const [currency, setCurrency] = useState('');
  const [author, setAuthor] = useState('');
  const load = useWrite(decksQuery.queryKey, ({ csv, ...query }: Wish, key) =>
    ask<DeckImport>(withQuery('/v1/decks', query), { method: 'POST', csv, key }),
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (file === undefined) return;
    const query = { currency: currency.trim().toUpperCase(), author: author.trim(), name: file.name };
    void file.text().then((csv) => load.mutate({ csv, ...query }));
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <FileInput label={say('rates.file')} accept=".csv,text/csv,.txt" onChange={setFile} />
        <TextInput
          label={say('rates.currency')}
          description={say('rates.currencyHint')}
          value={currency}
          onChange={(event) => setCurrency(event.currentTarget.value)}
          maxLength={3}
          autoComplete="off"
        />
        <TextInput
          label={say('forms.author')}
          description={say('rates.authorHint')}
          value={author}
          onChange={(event) => setAuthor(event.currentTarget.value)}
          autoComplete="name"
        />
        <Button type="submit" disabled={file === undefined} loading={load.isPending}>
          {say('rates.importNow')}
        </Button>
      </form>
      {load.isError ? <Failure error={load.error} /> : null}
      {load.isSuccess ? <Imported versions={load.data.versions} /> : null}
    </>
  );
}

function Imported({ versions }: DeckImport): ReactNode {
  const { say } = useWords();
  const [chosen, setChosen] = useState<DeckImport['versions'][number]>();
  return (
    <>
      <Notice tone="good" title={say('rates.done')}>
        {versions.map((version) => (
          <div key={`${version.plan} ${version.hash}`} className="buttons">
            <span>{say('rates.imports', { plan: version.plan, rows: version.rows })}</span>
            <span className="code">{version.hash.slice(0, SHORT_HASH_CHARS)}</span>
            {version.isNew ? null : <Sign tone="quiet">{say('rates.thereAlready')}</Sign>}
            <Button size="compact-xs" variant="default" onClick={() => setChosen(version)}>
              {say('rates.activate')}
            </Button>
          </div>
        ))}
      </Notice>
      <Dialog opened={chosen !== undefined} onClose={() => setChosen(undefined)} title={say('rates.activate')}>
        {chosen === undefined ? null : <Activate chosen={chosen} onDone={() => setChosen(undefined)} />}
      </Dialog>
    </>
  );
}
