// Recharges' policy: below which credit how much is bought, up to where, and within which caps.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AutoRecharge, WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { adviceQuery, tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { moneyText, typedAmount } from '../../format/money.js';
import { dayText } from '../../format/time.js';
import { AmountInput } from '../../parts/amount-input.js';
import { Confirm } from '../../parts/confirm.js';
import { Done, Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

const FIELDS = ['trigger', 'amount', 'target', 'maxPerHour', 'maxPerMonth'] as const;
type Field = (typeof FIELDS)[number];
const REQUIRED: readonly Field[] = ['trigger', 'amount'];

type PolicyProps = { readonly tenant: string; readonly currency: string; readonly policy: AutoRecharge | null };

export function RechargePolicy({ tenant, currency, policy }: PolicyProps): ReactNode {
  const { say } = useWords();
  // Until something is typed, what stands is shown.
  const [changed, setTyped] = useState<Readonly<Record<Field, string>>>();
  const typed = changed ?? typedOf(policy);
  const [isEnding, setEnding] = useState(false);
  const path = tenantPath(tenant, 'auto-recharge');
  const write = useWrite(tenantKey(tenant), (wish: Readonly<Record<string, string | null>> | null, key) =>
    wish === null
      ? ask<WriteAnswer>(path, { method: 'DELETE', key })
      : ask<WriteAnswer>(path, { method: 'PUT', json: wish, key }),
  );
  const isWhole = FIELDS.every((field) =>
    typed[field].trim() === '' ? !REQUIRED.includes(field) : typedAmount(typed[field]) !== undefined,
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isWhole) save(Object.fromEntries(FIELDS.map((field) => [field, typedAmount(typed[field]) ?? null])));
  }

  function save(wish: Readonly<Record<string, string | null>> | null): void {
    write.mutate(wish, { onSuccess: () => setTyped(undefined) });
  }

  return (
    <>
      <Advised tenant={tenant} currency={currency} onUse={(advice) => setTyped({ ...typed, ...advice })} />
      <form className="row" onSubmit={submit}>
        {FIELDS.map((field) => (
          <AmountInput
            key={field}
            label={say(`recharges.${field}`)}
            description={say(`recharges.${field}Hint`)}
            currency={currency}
            value={typed[field]}
            onChange={(text) => setTyped({ ...typed, [field]: text })}
            required={REQUIRED.includes(field)}
          />
        ))}
        <div className="buttons">
          <Button type="submit" disabled={!isWhole} loading={write.isPending}>
            {say('recharges.savePolicy')}
          </Button>
          {policy === null ? null : (
            <Button variant="default" onClick={() => setEnding(true)} disabled={write.isPending}>
              {say('recharges.endPolicy')}
            </Button>
          )}
        </div>
      </form>
      {write.isError ? <Failure error={write.error} /> : null}
      {write.isSuccess ? <Done>{say('recharges.saved')}</Done> : null}
      <Confirm
        opened={isEnding}
        title={say('recharges.endPolicy')}
        text={say('recharges.endPolicyText')}
        action={say('recharges.endPolicy')}
        onClose={() => setEnding(false)}
        onConfirm={() => save(null)}
      />
    </>
  );
}

type AdvisedProps = {
  readonly tenant: string;
  readonly currency: string;
  readonly onUse: (advice: { readonly trigger: string; readonly amount: string }) => void;
};

/** What two months of usage advise; it is a help, so that nothing is said where it cannot be had. */
function Advised({ tenant, currency, onUse }: AdvisedProps): ReactNode {
  const { say, language } = useWords();
  const { data: { from, trigger, amount, basis } = {} } = useQuery(adviceQuery(tenant));
  if (from !== undefined) return <p className="hint">{say('recharges.adviceEarly', { from: dayText(from, language) })}</p>;
  if (basis === undefined || trigger === undefined || amount === undefined) return null;
  const money = (sum: string): string => moneyText(sum, currency, language);
  return (
    <p className="hint">
      {say('recharges.advice', {
        from: dayText(basis.from, language),
        to: dayText(basis.to, language),
        spent: money(basis.spent),
        month: money(basis.meanMonth),
        trigger: money(trigger),
        amount: money(amount),
      })}{' '}
      <button type="button" className="plain" onClick={() => onUse({ trigger, amount })}>
        {say('recharges.useAdvice')}
      </button>
    </p>
  );
}

function typedOf(policy: AutoRecharge | null): Readonly<Record<Field, string>> {
  return {
    trigger: policy?.trigger ?? '',
    amount: policy?.amount ?? '',
    target: policy?.target ?? '',
    maxPerHour: policy?.maxPerHour ?? '',
    maxPerMonth: policy?.maxPerMonth ?? '',
  };
}
