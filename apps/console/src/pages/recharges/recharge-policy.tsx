// Recharges' policy: below which credit how much is bought, up to where, and within which caps.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { AutoRecharge, WriteAnswer } from '../../data/answers.js';
import { ask } from '../../data/http.js';
import { adviceQuery, tenantKey, tenantPath } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { typedAmount } from '../../format/money.js';
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
      <Advised tenant={tenant} />
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

/** What two months of usage advise; it is a help, so that nothing is said where it cannot be had. */
function Advised({ tenant }: { readonly tenant: string }): ReactNode {
  const { say, language } = useWords();
  const { data } = useQuery(adviceQuery(tenant));
  if (data === undefined) return null;
  return (
    <p className="hint">
      {say('recharges.advice')} <span lang={language === 'en' ? undefined : 'en'}>{data.explanation}</span>
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
