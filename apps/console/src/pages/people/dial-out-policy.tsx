// People's policy: what may be dialled, by a user or by all who have no policy of their own.

import { Button, NativeSelect } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { Policies, WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { instantText } from '../../format/time.js';
import { Done, Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

const POLICIES = ['any', 'same-country', 'zone-a', 'none'] as const;

type PolicyProps = { readonly tenant: string; readonly user: string | null; readonly policies: Policies };

export function DialOutPolicy({ tenant, user, policies }: PolicyProps): ReactNode {
  const { say, language } = useWords();
  const [chosen, setChosen] = useState<string>();
  const policy = chosen ?? policies.now ?? 'any';
  const path = tenantPath(tenant, user === null ? 'policy' : `users/${encodeURIComponent(user)}/policy`);
  const write = useWrite(tenantKey(tenant), (wish: string, key) =>
    ask<WriteAnswer>(path, { method: 'PUT', json: { policy: wish }, key }),
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    write.mutate(policy);
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <NativeSelect
          label={say('people.policy')}
          value={policy}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={POLICIES.map((value) => ({ value, label: say.code('policy', value) }))}
        />
        <Button type="submit" variant="default" loading={write.isPending}>
          {say('people.savePolicy')}
        </Button>
      </form>
      {policies.later.map((later) => (
        <p key={later.from} className="hint">
          {say('people.later', { at: instantText(later.from, language) })} {say.code('policy', later.policy)}
        </p>
      ))}
      <p className="hint">{say('people.emergency')}</p>
      {write.isError ? <Failure error={write.error} /> : null}
      {write.isSuccess ? <Done>{say('recharges.saved')}</Done> : null}
    </>
  );
}
