// Asks before something that cannot be taken back.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.js';
import { Dialog } from './dialog.js';

type ConfirmProps = {
  readonly opened: boolean;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

export function Confirm({ opened, title, text, action, onConfirm, onClose }: ConfirmProps): ReactNode {
  const { say } = useWords();
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <div>{text}</div>
      <div className="buttons dialog-end">
        <Button variant="default" onClick={onClose}>
          {say('actions.cancel')}
        </Button>
        <Button
          color="red"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
