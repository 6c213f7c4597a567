// A page's frame: its title and what it shows. Coming from another page, the keyboard's focus lands on the title.

import { Group, Stack, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useWords } from '../words/words.js';
import type { PageName } from './use-place.js';

type PageProps = { readonly name: PageName; readonly beside?: ReactNode; readonly children: ReactNode };

/** Of the page shown last; a first page leaves the focus where the browser puts it. */
let shownLast: PageName | undefined;

export function Page({ name, beside, children }: PageProps): ReactNode {
  const { say } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const title = say(`pages.${name}`);
  useEffect(() => {
    document.title = `${title} · Tollkeeper`;
  }, [title]);
  useEffect(() => {
    if (shownLast !== undefined && shownLast !== name) heading.current?.focus();
    shownLast = name;
  }, [name]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="center" gap="sm">
        <Title order={1} size="h2" ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {beside}
      </Group>
      {children}
    </Stack>
  );
}

type SectionProps = {
  readonly title: string;
  readonly beside?: ReactNode;
  readonly hint?: string | undefined;
  readonly children: ReactNode;
};

export function Section({ title, beside, hint, children }: SectionProps): ReactNode {
  return (
    <section className="panel" aria-label={title}>
      <Group justify="space-between" align="baseline" mb="sm" gap="xs">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          {hint === undefined ? null : <p className="hint">{hint}</p>}
        </div>
        {beside}
      </Group>
      {children}
    </section>
  );
}
