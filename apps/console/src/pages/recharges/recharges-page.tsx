// Recharges: buy credit, let it renew itself, be warned, and see what became of each payment.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { creditQuery } from '../../data/queries.js';
import { Money } from '../../parts/amounts.js';
import { Page, Section } from '../../parts/page.js';
import { Answered } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { AlertThreshold } from './alert-threshold.js';
import { BuyCredit } from './buy-credit.js';
import { RechargeHistory } from './recharge-history.js';
import { RechargePolicy } from './recharge-policy.js';
import { ResumeRecharge } from './resume-recharge.js';

export function RechargesPage({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const credit = useQuery(creditQuery(tenant));
  return (
    <Page name="recharges">
      <Answered query={credit}>
        {({ currency, balance, available, autoRecharge }) => (
          <>
            {autoRecharge?.suspended === true ? <ResumeRecharge tenant={tenant} failures={autoRecharge.failuresInRow} /> : null}
            <div className="two">
              <Section
                title={say('recharges.buy')}
                beside={
                  <span className="hint">
                    {say('overview.balance')} <Money amount={balance} currency={currency} testId="balance" /> ·{' '}
                    {say('overview.available')} <Money amount={available} currency={currency} testId="available" />
                  </span>
                }
              >
                <BuyCredit tenant={tenant} currency={currency} />
              </Section>
              <Section title={say('recharges.alert')} hint={say('recharges.alertHint')}>
                <AlertThreshold tenant={tenant} currency={currency} />
              </Section>
            </div>
            <Section title={say('overview.autoRecharge')} hint={say('recharges.policyHint')}>
              <RechargePolicy tenant={tenant} currency={currency} policy={autoRecharge} />
            </Section>
          </>
        )}
      </Answered>
      <Section title={say('recharges.history')}>
        <RechargeHistory tenant={tenant} />
      </Section>
    </Page>
  );
}
