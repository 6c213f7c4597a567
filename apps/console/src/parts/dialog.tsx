// Dialogs over the page, in its middle or at its side: they hold the focus, Escape leaves them, and focus returns to where it was.
//
// Put together from the library's parts, because its ready-made ones bring a second `header` landmark.

import { Drawer, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.js';

type DialogProps = {
  readonly opened: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Stands over another dialog that is open. */
  readonly isTopmost?: boolean;
};

const Z_INDEX = 200;
const TOPMOST_Z_INDEX = 300;

export function Dialog({ opened, title, onClose, children, isTopmost = false }: DialogProps): ReactNode {
  const { say } = useWords();
  return (
    <Modal.Root opened={opened} onClose={onClose} size="lg" zIndex={isTopmost ? TOPMOST_Z_INDEX : Z_INDEX}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={say('actions.close')} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

export function SideDialog({ opened, title, onClose, children }: DialogProps): ReactNode {
  const { say } = useWords();
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size="min(760px, 100vw)">
      <Drawer.Overlay />
      <Drawer.Content>
        <div className="dialog-head">
          <Drawer.Title>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={say('actions.close')} />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
