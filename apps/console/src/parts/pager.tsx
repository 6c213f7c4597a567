// Back and on through pages by cursor; nothing where there is one page only.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Word } from '../words/en.js';
import { useWords } from '../words/words.js';

type PagerProps = {
  readonly back: (() => void) | undefined;
  readonly on: (() => void) | undefined;
  /** Names the way on. */
  readonly onWord?: Word;
};

export function Pager({ back, on, onWord = 'actions.next' }: PagerProps): ReactNode {
  const { say } = useWords();
  if (back === undefined && on === undefined) return null;
  return (
    <div className="buttons pager">
      <Button size="xs" variant="default" disabled={back === undefined} onClick={back}>
        {say('actions.previous')}
      </Button>
      <Button size="xs" variant="default" disabled={on === undefined} onClick={on}>
        {say(onWord)}
      </Button>
    </div>
  );
}
