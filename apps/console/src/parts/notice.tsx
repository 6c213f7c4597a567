// Boxes and signs that say how something stands: well, badly, under way.

import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

type NoticeProps = {
  readonly tone: Tone;
  readonly title?: string;
  /** `alert` interrupts who listens to the page, `status` waits. */
  readonly role?: 'alert' | 'status';
  readonly children: ReactNode;
};

export function Notice({ tone, title, role = 'status', children }: NoticeProps): ReactNode {
  return (
    <div className={`notice ${tone}`} role={role}>
      {title === undefined ? null : <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}

export function Sign({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={`sign ${tone}`}>{children}</span>;
}
