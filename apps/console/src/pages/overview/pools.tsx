// Overview's included minutes: each pool of the month with its meters.

import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Meter, Pool } from '../../data/answers.js';
import { countText, monthText } from '../../format/time.js';
import { Empty } from '../../parts/states.js';
import { pathOf } from '../../parts/use-place.js';
import { useWords } from '../../words/words.js';

type PoolsProps = { readonly pools: readonly Pool[]; readonly month: string; readonly tenant: string };

const PERCENT = 100;
/** The mail of 80 % has gone out by then. */
const NEARLY_USED_PERCENT = 80;

export function Pools({ pools, month, tenant }: PoolsProps): ReactNode {
  const { say, language } = useWords();
  if (pools.length === 0) {
    const action = (
      <Link href={pathOf(tenant, 'people')} className="link">
        {say('overview.assignLicences')}
      </Link>
    );
    return <Empty action={action}>{say('overview.noPools')}</Empty>;
  }
  return (
    <>
      <p className="hint">{monthText(month, language)}</p>
      {pools.map((pool) => (
        <div key={`${pool.licence} ${pool.country}`} className="pool">
          <strong>{say.code('licence', pool.licence)}</strong>{' '}
          <span className="hint">
            {say('overview.poolOf', { country: pool.country ?? say('overview.allCountries'), count: pool.licences })}
          </span>
          {pool.meters.map((meter) => (
            <MeterBar key={meter.meter} meter={meter} pool={say.code('licence', pool.licence)} />
          ))}
        </div>
      ))}
    </>
  );
}

function MeterBar({ meter, pool }: { readonly meter: Meter; readonly pool: string }): ReactNode {
  const { say, language } = useWords();
  const { capSeconds, usedSeconds, heldSeconds, remainingSeconds } = meter;
  const usedPercent = capSeconds === 0 ? PERCENT : Math.min(PERCENT, (usedSeconds / capSeconds) * PERCENT);
  const heldPercent = capSeconds === 0 ? 0 : Math.min(PERCENT - usedPercent, (heldSeconds / capSeconds) * PERCENT);
  const minutes = (seconds: number): string => countText(Math.floor(seconds / 60), language);
  const name = say.code('meter', meter.meter);
  return (
    <div className="meter">
      <div className="meter-text">
        <span>{name}</span>
        <span className="figure">
          {say('overview.minutes', { used: minutes(usedSeconds), cap: minutes(capSeconds), left: minutes(remainingSeconds) })}
        </span>
      </div>
      <Progress.Root size="sm">
        <Progress.Section
          value={usedPercent}
          color={usedPercent >= NEARLY_USED_PERCENT ? 'orange' : 'indigo'}
          aria-label={`${pool}: ${name}`}
        />
        {heldPercent > 0 ? <Progress.Section value={heldPercent} color="gray" aria-label={say('overview.held')} /> : null}
      </Progress.Root>
    </div>
  );
}
