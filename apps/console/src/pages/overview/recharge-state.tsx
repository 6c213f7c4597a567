// Overview's auto-recharge: whether credit renews itself, and what stands in its way.

import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Credit } from '../../data/answers.js';
import { isNowOrSoon } from '../../format/time.js';
import { Instant, Money } from '../../parts/amounts.js';
import { Facts } from '../../parts/facts.js';
import { Sign } from '../../parts/notice.js';
import { Empty } from '../../parts/states.js';
import { pathOf } from '../../parts/use-place.js';
import { useWords } from '../../words/words.js';

type StateProps = { readonly account: Credit; readonly tenant: string };

export function RechargeState({ account: { autoRecharge, currency }, tenant }: StateProps): ReactNode {
  const { say } = useWords();
  const link = (
    <Link href={pathOf(tenant, 'recharges')} className="link">
      {autoRecharge === null ? say('overview.setUp') : say('overview.change')}
    </Link>
  );
  if (autoRecharge === null) return <Empty action={link}>{say('overview.noAutoRecharge')}</Empty>;
  const { trigger, amount, target, suspended, underWay, nextPossibleAt } = autoRecharge;
  return (
    <>
      <Facts
        facts={[
          [say('overview.state'), <RechargeBadge key="state" suspended={suspended} underWay={underWay !== null} />],
          [say('recharges.trigger'), <Money key="trigger" amount={trigger} currency={currency} />],
          [say('recharges.amount'), <Money key="amount" amount={amount} currency={currency} />],
          ...(target === null
            ? []
            : [[say('recharges.target'), <Money key="target" amount={target} currency={currency} />] as const]),
          ...(nextPossibleAt === null || isNowOrSoon(nextPossibleAt)
            ? []
            : [[say('overview.nextPossible'), <Instant key="next" at={nextPossibleAt} />] as const]),
        ]}
      />
      <p>{link}</p>
    </>
  );
}

function RechargeBadge({ suspended, underWay }: { readonly suspended: boolean; readonly underWay: boolean }): ReactNode {
  const { say } = useWords();
  if (suspended) return <Sign tone="bad">{say('overview.suspended')}</Sign>;
  return <Sign tone={underWay ? 'busy' : 'good'}>{underWay ? say('overview.underWay') : say('overview.on')}</Sign>;
}
