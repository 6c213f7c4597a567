// Overview: what the account holds, how long it will last, and what needs a hand.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Credit } from '../../data/answers.js';
import { creditQuery, historyQuery } from '../../data/queries.js';
import { Count, Day, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Page, Section } from '../../parts/page.js';
import { Answered, Empty } from '../../parts/states.js';
import { daysUntil } from '../../format/time.js';
import { isZero } from '../../format/money.js';
import { useWords } from '../../words/words.js';
import { Alarms } from './alarms.js';
import { BalanceHistory, RunsOut } from './balance-history.js';
import { Pools } from './pools.js';
import { RechargeState } from './recharge-state.js';

export function OverviewPage({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const credit = useQuery(creditQuery(tenant));
  const history = useQuery(historyQuery(tenant));
  return (
    <Page name="overview">
      <Answered query={credit}>
        {(account) => (
          <>
            <Alarms alarms={account.alarms} tenant={tenant} />
            <div className="tiles">
              <Tile name={say('overview.balance')} hint={overdraftHint(account, say('overview.overdraft'))}>
                <Money amount={account.balance} currency={account.currency} testId="balance" />
              </Tile>
              <Tile name={say('overview.available')} hint={say('overview.availableHint')}>
                <Money amount={account.available} currency={account.currency} testId="available" />
              </Tile>
              <Tile name={say('overview.reserved')} hint={say('overview.openCalls', { count: account.openReservations })}>
                <Money amount={account.reserved} currency={account.currency} testId="reserved" />
              </Tile>
              <RunsOut history={history.data} />
            </div>
          </>
        )}
      </Answered>
      <Section title={say('overview.history')} hint={say('overview.historyHint')}>
        <Answered query={history}>{(told) => <BalanceHistory history={told} now={credit.data} />}</Answered>
      </Section>
      {credit.data === undefined ? null : <Rest account={credit.data} tenant={tenant} />}
    </Page>
  );
}

function Rest({ account, tenant }: { readonly account: Credit; readonly tenant: string }): ReactNode {
  const { say } = useWords();
  return (
    <div className="two">
      <Section title={say('overview.lots')} hint={say('overview.lotsHint')}>
        <Lots account={account} />
      </Section>
      <Section title={say('overview.autoRecharge')}>
        <RechargeState account={account} tenant={tenant} />
      </Section>
      <Section title={say('overview.pools')} hint={say('overview.poolsHint')}>
        <Pools pools={account.pools} month={account.month} tenant={tenant} />
      </Section>
    </div>
  );
}

type TileProps = { readonly name: string; readonly hint?: string | undefined; readonly children: ReactNode };

export function Tile({ name, hint, children }: TileProps): ReactNode {
  return (
    <div className="panel tile">
      <div className="name">{name}</div>
      <div className="value">{children}</div>
      {hint === undefined ? null : <div className="hint">{hint}</div>}
    </div>
  );
}

function overdraftHint({ overdraft }: Credit, text: string): string | undefined {
  return isZero(overdraft) ? undefined : `${text}: ${overdraft}`;
}

function Lots({ account: { lots, currency } }: { readonly account: Credit }): ReactNode {
  const { say } = useWords();
  if (lots.length === 0) return <Empty>{say('overview.noLots')}</Empty>;
  return (
    <DataTable
      label={say('overview.lots')}
      rows={lots}
      keyOf={(lot) => lot.lotId}
      minWidth={320}
      columns={[
        { head: say('overview.lot'), isRowHead: true, cell: (lot) => <LotId id={lot.lotId} /> },
        { head: say('overview.remaining'), isFigure: true, cell: (lot) => <Money amount={lot.remaining} currency={currency} /> },
        { head: say('overview.expires'), cell: (lot) => <Day day={lot.expiresAt} /> },
        { head: say('overview.daysLeft'), isFigure: true, cell: (lot) => <Count value={daysUntil(lot.expiresAt)} /> },
      ]}
    />
  );
}

/** Ids of purchases are the keys of their requests, and may be long. */
function LotId({ id }: { readonly id: string }): ReactNode {
  return (
    <div className="code shortened" title={id}>
      {id}
    </div>
  );
}
