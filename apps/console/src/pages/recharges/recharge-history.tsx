// Recharges' history: what was asked for, what became of it, and why not where it failed.

import type { ReactNode } from 'react';
import type { Recharge, RechargesPage } from '../../data/answers.js';
import { ask, withQuery } from '../../data/http.js';
import { POLL_MS, tenantKey, tenantPath } from '../../data/queries.js';
import { instantText } from '../../format/time.js';
import { Instant, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { English } from '../../parts/english.js';
import { Sign, type Tone } from '../../parts/notice.js';
import { Pager } from '../../parts/pager.js';
import { Answered, Empty } from '../../parts/states.js';
import { usePages } from '../../parts/use-pages.js';
import { useWords } from '../../words/words.js';

const PAGE = 25;
const TONES: Readonly<Record<string, Tone>> = { succeeded: 'good', failed: 'bad', open: 'busy' };

export function RechargeHistory({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const { query, back, on } = usePages(
    tenantKey(tenant, 'recharges'),
    (cursor, signal) => ask<RechargesPage>(withQuery(tenantPath(tenant, 'recharges'), { limit: PAGE, cursor }), { signal }),
    POLL_MS,
  );
  return (
    <Answered query={query}>
      {({ recharges }) =>
        recharges.length === 0 && back === undefined ? (
          <Empty>{say('recharges.none')}</Empty>
        ) : (
          <>
            <RechargeTable rows={recharges} />
            <Pager back={back} on={on} />
          </>
        )
      }
    </Answered>
  );
}

function RechargeTable({ rows }: { readonly rows: readonly Recharge[] }): ReactNode {
  const { say } = useWords();
  return (
    <DataTable
      label={say('recharges.history')}
      rows={rows}
      keyOf={(row) => row.rechargeId}
      minWidth={760}
      columns={[
        { head: say('recharges.requested'), isRowHead: true, cell: (row) => <Instant at={row.requestedAt} /> },
        { head: say('recharges.cause'), cell: (row) => say.code('rechargeCause', row.cause) },
        { head: say('recharges.amount'), isFigure: true, cell: (row) => <Money amount={row.amount} currency={row.currency} /> },
        {
          head: say('recharges.status'),
          cell: (row) => <Sign tone={TONES[row.status] ?? 'quiet'}>{say.code('rechargeStatus', row.status)}</Sign>,
        },
        { head: say('recharges.outcome'), cell: (row) => <Outcome row={row} /> },
        { head: say('recharges.attempts'), isFigure: true, cell: (row) => row.attempts },
      ]}
    />
  );
}

function Outcome({ row }: { readonly row: Recharge }): ReactNode {
  const { say, language } = useWords();
  if (row.code === null) return <span className="code">{row.paymentReference ?? '–'}</span>;
  const reason = say.known('decline', row.code) ?? <English>{row.reason ?? row.code}</English>;
  if (row.retryAt === null || row.status !== 'open') return reason;
  return (
    <>
      {reason} {say('recharges.again', { at: instantText(row.retryAt, language) })}
    </>
  );
}
