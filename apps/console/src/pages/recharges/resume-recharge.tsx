// Recharges' way on after payments have failed: a person says that the card is mended.

import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { Notice } from '../../parts/notice.js';
import { Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

export function ResumeRecharge({ tenant, failures }: { readonly tenant: string; readonly failures: number }): ReactNode {
  const { say } = useWords();
  const [author, setAuthor] = useState('');
  const resume = useWrite(tenantKey(tenant), (wish: string, key) =>
    ask<WriteAnswer>(tenantPath(tenant, 'auto-recharge/resume'), { method: 'POST', json: { author: wish }, key }),
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (author.trim() !== '') resume.mutate(author.trim());
  }

  return (
    <Notice tone="bad" title={say('alarm.auto-recharge-suspended')}>
      <p>{say('recharges.suspendedText', { failures })}</p>
      <form className="row" onSubmit={submit}>
        <TextInput
          label={say('forms.author')}
          value={author}
          onChange={(event) => setAuthor(event.currentTarget.value)}
          autoComplete="name"
          required
        />
        <Button type="submit" loading={resume.isPending} disabled={author.trim() === ''}>
          {say('recharges.resume')}
        </Button>
      </form>
      {resume.isError ? <Failure error={resume.error} /> : null}
    </Notice>
  );
}
