// Operations' rebuilding: a read model is folded anew beside its live rows; the page shows how far it has come.

import { Button, NativeSelect, Progress } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../../data/http.js';
import type { Rebuild } from '../../data/operations-answers.js';
import { operationsQuery } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { countText, instantText } from '../../format/time.js';
import { English } from '../../parts/english.js';
import { Sign, type Tone } from '../../parts/notice.js';
import { Failure } from '../../parts/states.js';
import { useWords, type Say } from '../../words/words.js';

const ALL = '';
const PERCENT = 100;
const TONES: Readonly<Record<Rebuild['state'], Tone>> = { running: 'busy', done: 'good', failed: 'bad' };

type RebuildsProps = { readonly rebuilds: readonly Rebuild[]; readonly names: readonly string[] };

export function Rebuilds({ rebuilds, names }: RebuildsProps): ReactNode {
  const { say } = useWords();
  const [chosen, setChosen] = useState(ALL);
  const rebuild = useWrite(operationsQuery.queryKey, (wish: { readonly name?: string }, key) =>
    ask<unknown>('/v1/operations/rebuilds', { method: 'POST', json: wish, key }),
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    rebuild.mutate(chosen === ALL ? {} : { name: chosen });
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <NativeSelect
          label={say('operations.readModel')}
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={[{ value: ALL, label: say('operations.all') }, ...names.map((name) => ({ value: name, label: name }))]}
        />
        <Button type="submit" variant="default" loading={rebuild.isPending}>
          {say('operations.rebuildNow')}
        </Button>
      </form>
      {rebuild.isError ? <Failure error={rebuild.error} /> : null}
      {rebuilds.map((one) => (
        <RebuildProgress key={one.name} rebuild={one} />
      ))}
    </>
  );
}

function RebuildProgress({
  rebuild: { name, state, events, total, startedAt, finishedAt, error },
}: {
  readonly rebuild: Rebuild;
}): ReactNode {
  const { say, language } = useWords();
  const percent = state === 'done' ? PERCENT : total === null || total === 0 ? 0 : Math.min(PERCENT, (events / total) * PERCENT);
  return (
    <div className="meter">
      <div className="meter-text">
        <span>
          {name} <Sign tone={TONES[state]}>{say.code('work', state)}</Sign>
        </span>
        <span className="figure">
          {eventsText({ state, events, total }, say, language)}
          {' · '}
          {instantText(finishedAt ?? startedAt, language)}
        </span>
      </div>
      <Progress
        value={percent}
        size="sm"
        aria-label={say('operations.progressOf', { name })}
        color={state === 'failed' ? 'red' : 'indigo'}
      />
      {error === null ? null : (
        <p className="hint negative">
          <English>{error}</English>
        </p>
      )}
    </div>
  );
}

function eventsText({ state, events, total }: Pick<Rebuild, 'state' | 'events' | 'total'>, say: Say, language: string): string {
  const count = countText(events, language);
  if (total !== null) return say('operations.eventsOf', { count, total: countText(total, language) });
  return state === 'running' && events === 0 ? say('operations.waits') : say('operations.events', { count });
}
