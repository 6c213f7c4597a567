// Overview's time line: the balance day by day as a picture and as a table, and the day on which the credit runs out.

import { useComputedColorScheme } from '@mantine/core';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import type { Credit, History } from '../../data/answers.js';
import { isNegative, isZero, meanText, moneyText } from '../../format/money.js';
import { dayFromNow, daysUntil, dayText } from '../../format/time.js';
import { Day, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Empty, Waiting } from '../../parts/states.js';
import { useWords, type Say } from '../../words/words.js';

const BalanceChart = lazy(async () => ({ default: (await import('./balance-chart.js')).BalanceChart }));

type HistoryProps = { readonly history: History; readonly now: Credit | undefined };

export function BalanceHistory({ history, now }: HistoryProps): ReactNode {
  const { say, language } = useWords();
  const scheme = useComputedColorScheme('light');
  const days = useMemo(() => withToday(history, now), [history, now]);
  if (history.days.length === 0) return <Empty>{say('overview.noHistory')}</Empty>;
  return (
    <>
      <Suspense fallback={<Waiting />}>
        <BalanceChart
          days={days}
          trigger={history.trigger}
          runsOutOn={history.pace.runsOutOn}
          currency={history.currency}
          language={language}
          isDark={scheme === 'dark'}
          label={summaryOf(history, days, say, language)}
          words={{ balance: say('overview.balance'), trigger: say('recharges.trigger'), pace: say('overview.atThisPace') }}
        />
      </Suspense>
      <details>
        <summary>{say('overview.asTable')}</summary>
        <DataTable
          label={say('overview.history')}
          rows={days.toReversed()}
          keyOf={(day) => day.day}
          minWidth={320}
          columns={[
            { head: say('overview.day'), isRowHead: true, cell: (day) => <Day day={day.day} /> },
            {
              head: say('overview.balance'),
              isFigure: true,
              cell: (day) => <Money amount={day.balance} currency={history.currency} />,
            },
            {
              head: say('overview.available'),
              isFigure: true,
              cell: (day) => <Money amount={day.available} currency={history.currency} />,
            },
            {
              head: say('overview.lowest'),
              isFigure: true,
              cell: (day) => <Money amount={day.lowestAvailable} currency={history.currency} />,
            },
          ]}
        />
      </details>
    </>
  );
}

export function RunsOut({ history }: { readonly history: History | undefined }): ReactNode {
  const { say, language } = useWords();
  if (history === undefined) return null;
  const { perDay, overDays, runsOutOn } = history.pace;
  const amount = meanText(perDay, history.currency, language);
  const pace = overDays === 0 ? say('overview.paceToday', { amount }) : say('overview.pace', { amount, days: overDays });
  const hasRunOut = runsOutOn !== null && daysUntil(runsOutOn) <= 0;
  return (
    <div className="panel tile">
      <div className="name">{say('overview.runsOut')}</div>
      <div className={hasRunOut ? 'value negative' : 'value'} data-testid="runs-out">
        {runsOutOn === null ? say('overview.never') : <Day day={runsOutOn} />}
      </div>
      <div className="hint">{isZero(perDay) || isNegative(perDay) ? say('overview.noPace') : pace}</div>
    </div>
  );
}

/** The read model follows the stream within moments; what the page knows of today is newer. */
function withToday({ days }: History, now: Credit | undefined): History['days'] {
  if (now === undefined) return days;
  const today = dayFromNow(0);
  const before = days.filter((day) => day.day < today);
  const known = days.find((day) => day.day === today);
  const { balance, available } = now;
  return [...before, { day: today, balance, available, lowestAvailable: known?.lowestAvailable ?? available }];
}

function summaryOf(history: History, days: History['days'], say: Say, language: string): string {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return say('overview.noHistory');
  const money = (amount: string): string => moneyText(amount, history.currency, language);
  const sentences = [
    say('overview.chartFrom', { day: dayText(first.day, language), amount: money(first.balance) }),
    say('overview.chartTo', { day: dayText(last.day, language), amount: money(last.balance) }),
  ];
  if (history.trigger !== null) sentences.push(say('overview.chartTrigger', { amount: money(history.trigger) }));
  if (history.pace.runsOutOn !== null) {
    sentences.push(say('overview.chartRunsOut', { day: dayText(history.pace.runsOutOn, language) }));
  }
  return sentences.join(' ');
}
