// What stands around every page: skip link, header with tenant and live state, navigation.

import { Burger } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useLiveBalance, type LiveState } from '../data/live.js';
import { usePlace } from '../parts/use-place.js';
import { useWords } from '../words/words.js';
import { Navigation } from './navigation.js';
import { OperatorDialog } from './operator-dialog.js';
import { TenantSwitch } from './tenant-switch.js';

export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const { say } = useWords();
  const { tenant } = usePlace();
  const live = useLiveBalance(tenant);
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {say('shell.skip')}
      </a>
      <header className="bar">
        <Burger
          className="burger"
          opened={isOpen}
          onClick={() => setOpen(!isOpen)}
          size="sm"
          aria-label={say('shell.menu')}
          aria-expanded={isOpen}
          aria-controls="navigation"
        />
        <Link href="/" className="brand">
          Tollkeeper
        </Link>
        <TenantSwitch />
        {tenant === undefined ? null : <LiveSign state={live} />}
      </header>
      <div className="body">
        <Navigation isOpen={isOpen} onChoice={() => setOpen(false)} />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <OperatorDialog />
    </>
  );
}

function LiveSign({ state }: { readonly state: LiveState }): ReactNode {
  const { say } = useWords();
  return (
    <span className={`live ${state}`} role="status" data-testid="live" data-state={state} title={say(`live.${state}Detail`)}>
      <span className="dot" aria-hidden />
      <span className="live-text">{say(`live.${state}`)}</span>
    </span>
  );
}
