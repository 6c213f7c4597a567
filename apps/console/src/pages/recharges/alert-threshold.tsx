// Recharges' alert: one mail each time the available balance falls below a threshold.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { BalanceRow, WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { tenantKey, tenantPath, tenantQuery } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { typedAmount } from '../../format/money.js';
import { AmountInput } from '../../parts/amount-input.js';
import { Answered, Done, Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

type AlertProps = { readonly tenant: string; readonly currency: string };

export function AlertThreshold({ tenant, currency }: AlertProps): ReactNode {
  const row = useQuery(tenantQuery<BalanceRow>(tenant, 'balance'));
  return (
    <Answered query={row}>
      {({ alertThreshold }) => <ThresholdForm tenant={tenant} currency={currency} threshold={alertThreshold} />}
    </Answered>
  );
}

function ThresholdForm({ tenant, currency, threshold }: AlertProps & { readonly threshold: string | null }): ReactNode {
  const { say } = useWords();
  // Until something is typed, what stands is shown.
  const [changed, setTyped] = useState<string>();
  const typed = changed ?? threshold ?? '';
  const path = tenantPath(tenant, 'alert-threshold');
  const write = useWrite(tenantKey(tenant), (wish: string | null, key) =>
    wish === null
      ? ask<WriteAnswer>(path, { method: 'DELETE', key })
      : ask<WriteAnswer>(path, { method: 'PUT', json: { threshold: wish }, key }),
  );
  const amount = typedAmount(typed);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (amount !== undefined) write.mutate(amount);
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <AmountInput label={say('recharges.threshold')} currency={currency} value={typed} onChange={setTyped} />
        <Button type="submit" variant="default" disabled={amount === undefined} loading={write.isPending}>
          {say('recharges.saveAlert')}
        </Button>
        {threshold === null ? null : (
          <Button
            variant="subtle"
            onClick={() => write.mutate(null, { onSuccess: () => setTyped(undefined) })}
            disabled={write.isPending}
          >
            {say('recharges.endAlert')}
          </Button>
        )}
      </form>
      {write.isError ? <Failure error={write.error} /> : null}
      {write.isSuccess ? <Done>{say('recharges.saved')}</Done> : null}
    </>
  );
}
