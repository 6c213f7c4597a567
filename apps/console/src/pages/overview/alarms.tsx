// Overview's alarms: what is wrong with the account now, each with the page where it can be mended.

import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Alarm } from '../../data/answers.js';
import { English } from '../../parts/english.js';
import { Notice } from '../../parts/notice.js';
import { pathOf } from '../../parts/use-place.js';
import { useWords } from '../../words/words.js';

export function Alarms({ alarms, tenant }: { readonly alarms: readonly Alarm[]; readonly tenant: string }): ReactNode {
  const { say } = useWords();
  return alarms.map(({ alarm, detail }) => (
    <Notice key={alarm} tone="warn" title={say.code('alarm', alarm)}>
      <English>{detail}</English>{' '}
      <Link href={pathOf(tenant, alarm === 'spending-burst' ? 'calls' : 'recharges')} className="link">
        {alarm === 'spending-burst' ? say('alarm.toCalls') : say('alarm.toRecharges')}
      </Link>
    </Notice>
  ));
}
