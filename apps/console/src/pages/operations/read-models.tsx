// Operations' lag: how many events or messages each reader is behind, and the tenants that one of them cannot read.

import type { ReactNode } from 'react';
import type { Operations, ReadModel } from '../../data/operations-answers.js';
import { countText } from '../../format/time.js';
import { DataTable } from '../../parts/data-table.js';
import { English } from '../../parts/english.js';
import { Notice, Sign } from '../../parts/notice.js';
import { useWords } from '../../words/words.js';

/** The API counts no further. */
const MAX_COUNTED_EVENTS = 10_000;

type LagProps = { readonly readModels: readonly ReadModel[]; readonly intake: Operations['intake'] };

export function ReadModels({ readModels, intake }: LagProps): ReactNode {
  const { say, language } = useWords();
  const rows = [
    { name: say('operations.intake', { topic: intake.topic }), lag: intake.lag },
    ...readModels.map(({ name, lagEvents }) => ({ name, lag: lagEvents })),
  ];
  const setAside = readModels.flatMap(({ name, setAside: tenants }) => tenants.map((tenant) => ({ name, ...tenant })));
  return (
    <>
      {setAside.map(({ name, tenant, revision, reason }) => (
        <Notice key={`${name} ${tenant}`} tone="bad" title={say('operations.setAside', { tenant, name })}>
          <English>{reason}</English> ({say('explain.revision')} {revision}). {say('operations.setAsideHint')}
        </Notice>
      ))}
      <DataTable
        label={say('operations.lag')}
        rows={rows}
        keyOf={({ name }) => name}
        minWidth={300}
        columns={[
          { head: say('operations.reader'), isRowHead: true, cell: ({ name }) => name },
          { head: say('operations.behind'), isFigure: true, cell: ({ lag }) => <Lag lag={lag} language={language} /> },
        ]}
      />
    </>
  );
}

function Lag({ lag, language }: { readonly lag: number | null; readonly language: string }): ReactNode {
  const { say } = useWords();
  if (lag === null) return <span className="quiet">{say('operations.unknown')}</span>;
  if (lag === 0) return <Sign tone="good">{say('operations.upToDate')}</Sign>;
  const count = countText(lag, language);
  return <span className="figure">{lag >= MAX_COUNTED_EVENTS ? say('operations.atLeast', { count }) : count}</span>;
}
