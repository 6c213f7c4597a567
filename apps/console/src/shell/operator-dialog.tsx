// Asks a person for the operator's token when a request needs it.

import { Button, PasswordInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { showsOperatorDialog } from '../data/operator.js';
import { Dialog } from '../parts/dialog.js';
import { useWords } from '../words/words.js';

export function OperatorDialog(): ReactNode {
  const { say } = useWords();
  const [asked, setAsked] = useState<'no' | 'first' | 'again'>('no');
  const [token, setToken] = useState('');
  const answer = useRef<(token: string | undefined) => void>(undefined);

  useEffect(() => {
    return showsOperatorDialog((wasWrong) => {
      setToken('');
      setAsked(wasWrong ? 'again' : 'first');
      return new Promise((resolve) => (answer.current = resolve));
    });
  }, []);

  function end(given: string | undefined): void {
    setAsked('no');
    answer.current?.(given);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (token.trim() !== '') end(token.trim());
  }

  return (
    <Dialog opened={asked !== 'no'} onClose={() => end(undefined)} title={say('operator.title')} isTopmost>
      <form onSubmit={submit}>
        <p>{say('operator.why')}</p>
        <PasswordInput
          label={say('operator.token')}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={asked === 'again' ? say('operator.wrong') : undefined}
          visibilityToggleButtonProps={{ 'aria-label': say('operator.show') }}
          autoComplete="off"
          data-autofocus
        />
        <div className="buttons dialog-end">
          <Button variant="default" onClick={() => end(undefined)}>
            {say('actions.cancel')}
          </Button>
          <Button type="submit">{say('operator.go')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
