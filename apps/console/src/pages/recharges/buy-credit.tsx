// Recharges' purchase by card: asked for, paid at the gateway, then credited; the page says which of them it waits for.

import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import type { Purchase, PurchaseAnswer } from '../../data/answers.js';
import { ask, Refusal } from '../../data/http.js';
import { tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { moneyText, typedAmount } from '../../format/money.js';
import { AmountInput } from '../../parts/amount-input.js';
import { Done, Failure, Waiting } from '../../parts/states.js';
import { Notice } from '../../parts/notice.js';
import { useWords } from '../../words/words.js';

type BuyProps = { readonly tenant: string; readonly currency: string };

const POLL_MS = 700;

export function BuyCredit({ tenant, currency }: BuyProps): ReactNode {
  const { say } = useWords();
  const [typed, setTyped] = useState('');
  const [purchaseId, setPurchaseId] = useState<string>();
  const buy = useWrite(tenantKey(tenant), (amount: string, key) =>
    ask<PurchaseAnswer>(tenantPath(tenant, 'purchases'), { method: 'POST', json: { amount, method: 'card' }, key }),
  );
  const amount = typedAmount(typed);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (amount === undefined || buy.isPending) return;
    setPurchaseId(undefined);
    buy.mutate(amount, {
      onSuccess: (answer) => {
        setPurchaseId(answer.purchaseId);
        setTyped('');
      },
    });
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <AmountInput label={say('recharges.amount')} currency={currency} value={typed} onChange={setTyped} required />
        <Button type="submit" loading={buy.isPending} disabled={amount === undefined}>
          {say('recharges.buy')}
        </Button>
      </form>
      <p className="hint">{say('recharges.cardHint')}</p>
      {buy.isError ? <Failure error={buy.error} /> : null}
      {purchaseId === undefined ? null : <PurchaseState key={purchaseId} tenant={tenant} purchaseId={purchaseId} />}
    </>
  );
}

function PurchaseState({ tenant, purchaseId }: { readonly tenant: string; readonly purchaseId: string }): ReactNode {
  const { say, language } = useWords();
  const client = useQueryClient();
  const purchase = useQuery({
    queryKey: tenantKey(tenant, 'purchase', purchaseId),
    queryFn: ({ signal }) => purchaseOf(tenant, purchaseId, signal),
    refetchInterval: ({ state: { data } }) => (data === null || data?.status === 'open' ? POLL_MS : false),
  });
  const status = purchase.data?.status;
  useEffect(() => {
    if (status === 'succeeded' || status === 'failed') void client.invalidateQueries({ queryKey: tenantKey(tenant) });
  }, [client, status, tenant]);
  if (purchase.isError) return <Failure error={purchase.error} onRetry={() => void purchase.refetch()} />;
  if (purchase.data == null || status === 'open') return <Waiting what={say('recharges.waiting')} />;
  const { amount, currency, lastCode } = purchase.data;
  if (status === 'succeeded') return <Done>{say('recharges.paid', { amount: moneyText(amount, currency, language) })}</Done>;
  const reason = say.code('decline', lastCode ?? 'unknown');
  return (
    <Notice tone="bad" role="alert" title={say('recharges.declined')}>
      {say('recharges.declinedWhy', { reason })}
    </Notice>
  );
}

/** Null while the read model has not heard of it. */
async function purchaseOf(tenant: string, purchaseId: string, signal: AbortSignal): Promise<Purchase | null> {
  try {
    return await ask<Purchase>(tenantPath(tenant, `purchases/${encodeURIComponent(purchaseId)}`), { signal });
  } catch (error) {
    if (error instanceof Refusal && error.code === 'purchase-unknown') return null;
    throw error;
  }
}
