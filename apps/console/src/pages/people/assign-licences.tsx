// People's assignment: all that a user holds from an instant on, in place of what was held before.

import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { User, WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

/** In the ledger's order. */
const LICENCES = [
  'communications-credits',
  'calling-plan-120',
  'calling-plan-240',
  'calling-plan-domestic',
  'calling-plan-international',
  'pay-as-you-go',
  'audio-conferencing',
  'extended-dial-out',
  'pay-per-minute-conferencing',
  'resource-account',
] as const;

type AssignProps = { readonly tenant: string; readonly user: User | null; readonly onDone: () => void };
type Wish = { readonly user: string; readonly country: string; readonly licences: readonly string[]; readonly from?: string };

export function AssignLicences({ tenant, user, onDone }: AssignProps): ReactNode {
  const { say } = useWords();
  const [name, setName] = useState(user?.user ?? '');
  const [country, setCountry] = useState(user?.now?.country ?? '');
  const [licences, setLicences] = useState<readonly string[]>(user?.now?.licences ?? []);
  const [from, setFrom] = useState('');
  const assign = useWrite(tenantKey(tenant), ({ user: who, ...json }: Wish, key) =>
    ask<WriteAnswer>(tenantPath(tenant, `users/${encodeURIComponent(who)}/licences`), { method: 'PUT', json, key }),
  );
  const isWhole = name.trim() !== '' && /^[A-Z]{2}$/.test(country);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!isWhole) return;
    const wish = { user: name.trim(), country, licences, ...(from === '' ? {} : { from: `${from}:00.000Z` }) };
    assign.mutate(wish, { onSuccess: onDone });
  }

  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        label={say('people.user')}
        description={say('people.userHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        disabled={user !== null}
        autoComplete="off"
        required
      />
      <TextInput
        label={say('people.country')}
        description={say('people.countryHint')}
        value={country}
        onChange={(event) => setCountry(event.currentTarget.value.toUpperCase())}
        maxLength={2}
        autoComplete="off"
        required
      />
      <Checkbox.Group label={say('people.licences')} value={[...licences]} onChange={setLicences}>
        <div className="choices">
          {LICENCES.map((licence) => (
            <Checkbox key={licence} value={licence} label={say.code('licence', licence)} />
          ))}
        </div>
      </Checkbox.Group>
      <TextInput
        label={say('people.from')}
        description={say('people.fromHint')}
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      {assign.isError ? <Failure error={assign.error} /> : null}
      <div className="buttons dialog-end">
        <Button variant="default" onClick={onDone}>
          {say('actions.cancel')}
        </Button>
        <Button type="submit" loading={assign.isPending} disabled={!isWhole}>
          {say('people.assignNow')}
        </Button>
      </div>
    </form>
  );
}
