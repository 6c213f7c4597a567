// Report: a month or a period of one's choice, as the 20 columns of the usage report, in CSV or XLSX.

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { askFile, withQuery } from '../../data/http.js';
import { tenantPath } from '../../data/queries.js';
import { dayText, lastMonths, monthBounds, monthText } from '../../format/time.js';
import { Page, Section } from '../../parts/page.js';
import { Done, Failure, Waiting } from '../../parts/states.js';
import { useWords, type Say } from '../../words/words.js';

const MONTHS_SHOWN = 24;
const OWN_PERIOD = '';
const DAY_MS = 86_400_000;
/** Browsers begin to read the file before it is let go. */
const LET_GO_MS = 60_000;

type Format = 'csv' | 'xlsx';
type Period = { readonly from: string; readonly to: string };

export function ReportPage({ tenant }: { readonly tenant: string }): ReactNode {
  const { say, language } = useWords();
  const months = lastMonths(MONTHS_SHOWN);
  const [month, setMonth] = useState(months[1] ?? OWN_PERIOD);
  const [own, setOwn] = useState<Period>({ from: '', to: '' });
  const period = month === OWN_PERIOD ? periodOf(own) : monthBounds(month);
  const download = useMutation({
    mutationFn: async (format: Format) => {
      if (period === undefined) return;
      const { blob, name } = await askFile(withQuery(tenantPath(tenant, 'report'), { ...period, format }));
      save(blob, name ?? `usage-${tenant}-${period.from}.${format}`);
    },
  });
  return (
    <Page name="report">
      <Section title={say('report.title')} hint={say('report.hint')}>
        <form className="row" onSubmit={(event) => event.preventDefault()}>
          <NativeSelect
            label={say('report.period')}
            value={month}
            onChange={(event) => setMonth(event.currentTarget.value)}
            data={[
              ...months.map((value) => ({ value, label: monthText(value, language) })),
              { value: OWN_PERIOD, label: say('report.own') },
            ]}
          />
          {month === OWN_PERIOD ? <OwnPeriod own={own} onChange={setOwn} /> : null}
          <div className="buttons">
            {(['csv', 'xlsx'] as const).map((format) => (
              <Button
                key={format}
                variant={format === 'csv' ? 'filled' : 'default'}
                disabled={period === undefined || download.isPending}
                onClick={() => download.mutate(format)}
              >
                {say(`report.${format}`)}
              </Button>
            ))}
          </div>
        </form>
        <p className="hint">{period === undefined ? say('report.choose') : boundsText(period, say, language)}</p>
        {download.isPending ? <Waiting what={say('report.preparing')} /> : null}
        {download.isError ? <Failure error={download.error} onRetry={() => download.mutate(download.variables)} /> : null}
        {download.isSuccess ? <Done>{say('report.done')}</Done> : null}
      </Section>
    </Page>
  );
}

function OwnPeriod({ own, onChange }: { readonly own: Period; readonly onChange: (own: Period) => void }): ReactNode {
  const { say } = useWords();
  return (['from', 'to'] as const).map((side) => (
    <TextInput
      key={side}
      label={say(`calls.${side}`)}
      type="date"
      value={own[side]}
      onChange={(event) => onChange({ ...own, [side]: event.currentTarget.value })}
      required
    />
  ));
}

/** The last day that is named counts wholly; the API's `to` is exclusive. */
function periodOf({ from, to }: Period): Period | undefined {
  if (from === '' || to === '' || from > to) return undefined;
  return { from, to: new Date(Date.parse(to) + DAY_MS).toISOString().slice(0, 10) };
}

function boundsText({ from, to }: Period, say: Say, language: string): string {
  const last = new Date(Date.parse(to) - DAY_MS).toISOString();
  return say('report.bounds', { from: dayText(from, language), to: dayText(last, language) });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), LET_GO_MS);
}
