// Calls' list: one row a recorded call, newest first.

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Call } from '../../data/call-answers.js';
import { durationText } from '../../format/time.js';
import { Instant, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Sign } from '../../parts/notice.js';
import { useWords } from '../../words/words.js';

type TableProps = { readonly calls: readonly Call[]; readonly onExplain: (call: Call) => void };

/** What charges are rounded to by default. */
const DECIMALS = 4;

export function CallTable({ calls, onExplain }: TableProps): ReactNode {
  const { say, language } = useWords();
  return (
    <DataTable
      label={say('calls.list')}
      rows={calls}
      keyOf={(call) => `${call.source} ${call.id}`}
      minWidth={760}
      columns={[
        {
          head: say('calls.answered'),
          isRowHead: true,
          cell: (call) => (
            <>
              <Instant at={call.answeredAt} />
              <div className="code quiet shortened" title={call.id}>
                {call.id}
              </div>
            </>
          ),
        },
        { head: say('calls.destination'), cell: (call) => <Destination call={call} /> },
        { head: say('calls.caller'), cell: (call) => <Caller call={call} /> },
        {
          head: say('calls.usage'),
          isFigure: true,
          cell: (call) => <span className="figure">{durationText(call.usageSeconds, language)}</span>,
        },
        { head: say('calls.coverage'), cell: (call) => <PaidBy call={call} /> },
        {
          head: say('calls.amount'),
          isFigure: true,
          cell: (call) => <Money amount={call.amount} currency={call.currency} decimals={DECIMALS} />,
        },
        {
          head: <span className="unseen">{say('calls.explain')}</span>,
          isFigure: true,
          cell: (call) => (
            <Button size="compact-xs" variant="default" onClick={() => onExplain(call)}>
              {say('calls.explain')}
            </Button>
          ),
        },
      ]}
    />
  );
}

function Destination({ call }: { readonly call: Call }): ReactNode {
  const { say } = useWords();
  if (!call.billable) return <span className="quiet">{call.called ?? say('callKind.notBillable')}</span>;
  return (
    <>
      {call.destination}
      <div className="quiet">
        <span className="figure">{call.called ?? `+${call.prefix}…`}</span> · {say.code('category', call.category)}
      </div>
    </>
  );
}

/** Users may be whole addresses. */
function Caller({ call: { user, calling } }: { readonly call: Call }): ReactNode {
  if (user === null) return <Shortened text={calling ?? '–'} />;
  return (
    <>
      <Shortened text={user} />
      {calling === null ? null : <Shortened text={calling} isQuiet />}
    </>
  );
}

function Shortened({ text, isQuiet = false }: { readonly text: string; readonly isQuiet?: boolean }): ReactNode {
  return (
    <div className={isQuiet ? 'figure shortened quiet' : 'figure shortened'} title={text}>
      {text}
    </div>
  );
}

function PaidBy({ call }: { readonly call: Call }): ReactNode {
  const { say, language } = useWords();
  if (!call.billable) return <Sign tone="quiet">{say('callKind.notBillable')}</Sign>;
  return (
    <span className="signs">
      {say.code('coverage', call.coverage)}
      {call.poolSeconds > 0 ? <span className="quiet figure"> {durationText(call.poolSeconds, language)}</span> : null}
      {call.unauthorised === null ? null : <Sign tone="warn">{say.code('refusal', call.unauthorised)}</Sign>}
      {call.generation > 0 ? <Sign tone="busy">{say('calls.rerated')}</Sign> : null}
    </span>
  );
}
