// Rates' question: what would a call to a number cost this tenant, and how long would the credit last?

import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../../data/http.js';
import type { Price } from '../../data/rate-answers.js';
import { amountText } from '../../format/money.js';
import { durationText } from '../../format/time.js';
import { Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Facts } from '../../parts/facts.js';
import { Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

const CATEGORIES = ['outbound', 'international', 'conference-dial-out', 'call-me', 'toll-free-inbound'] as const;
const NUMBER = /^\+[1-9]\d{3,14}$/;
const USUAL_SECONDS = '60';

export function PriceCall({ tenant }: { readonly tenant: string }): ReactNode {
  const { say } = useWords();
  const [called, setCalled] = useState('');
  const [seconds, setSeconds] = useState(USUAL_SECONDS);
  const [category, setCategory] = useState<string>(CATEGORIES[0]);
  const [at, setAt] = useState('');
  const price = useMutation({
    mutationFn: (json: object) => ask<Price>('/v1/prices', { method: 'POST', json }),
  });
  const number = called.replaceAll(/[\s().-]/g, '');
  const isWhole = NUMBER.test(number) && /^\d{1,6}([.,]\d{1,3})?$/.test(seconds.trim());

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!isWhole) return;
    const usageSeconds = Number(seconds.trim().replace(',', '.'));
    const answerTime = at === '' ? {} : { answerTime: `${at}:00Z` };
    price.mutate({ tenant, calledNumber: number, category, usageSeconds, ...answerTime });
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <TextInput
          label={say('rates.called')}
          description={say('rates.calledHint')}
          value={called}
          onChange={(event) => setCalled(event.currentTarget.value)}
          inputMode="tel"
          autoComplete="off"
          required
        />
        <TextInput
          label={say('rates.seconds')}
          description={say('rates.secondsHint')}
          value={seconds}
          onChange={(event) => setSeconds(event.currentTarget.value)}
          inputMode="decimal"
          required
        />
        <NativeSelect
          label={say('calls.category')}
          value={category}
          onChange={(event) => setCategory(event.currentTarget.value)}
          data={CATEGORIES.map((value) => ({ value, label: say.code('category', value) }))}
        />
        <TextInput
          label={say('rates.answered')}
          description={say('rates.answeredHint')}
          type="datetime-local"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!isWhole} loading={price.isPending}>
          {say('rates.ask')}
        </Button>
      </form>
      {price.isError ? <Failure error={price.error} /> : null}
      {price.isSuccess ? <Priced price={price.data} /> : null}
    </>
  );
}

function Priced({ price }: { readonly price: Price }): ReactNode {
  const { say, language } = useWords();
  const { currency, maxUsageSeconds } = price;
  const rounding = say('explain.roundingText', { mode: say.code('rounding', price.rounding), decimals: price.decimals });
  return (
    <div className="explanation" role="status">
      <div className="tile" data-testid="price">
        <div className="name">{say('rates.costs', { destination: price.destination, prefix: price.prefix })}</div>
        <div className="value">
          <Money amount={price.amount} currency={currency} />
        </div>
        {maxUsageSeconds === undefined ? null : (
          <div className="hint">
            {maxUsageSeconds === null ? say('rates.anyLength') : say('rates.lasts', { duration: durationText(maxUsageSeconds) })}
          </div>
        )}
      </div>
      <DataTable
        label={say('explain.segments')}
        rows={price.segments}
        keyOf={(segment) => segment.fromSecond}
        minWidth={420}
        columns={[
          { head: say('explain.from'), isRowHead: true, cell: (segment) => durationText(segment.fromSecond) },
          { head: say('explain.seconds'), isFigure: true, cell: (segment) => durationText(segment.seconds) },
          { head: say('explain.increment'), isFigure: true, cell: (segment) => `${segment.incrementSeconds} s` },
          {
            head: `${say('explain.rate')} (${currency})`,
            isFigure: true,
            cell: (segment) => `${amountText(segment.rate, language, 0)} / ${segment.rateUnitSeconds} s`,
          },
          { head: say('explain.deckRow'), isFigure: true, cell: (segment) => segment.row },
        ]}
      />
      <Facts
        facts={[
          [say('explain.billed'), durationText(price.billedUsageSeconds)],
          [say('explain.connectFee'), <Money key="fee" amount={price.connectFee} currency={currency} />],
          [say('explain.gross'), price.gross],
          [say('explain.rounding'), rounding],
          [say('explain.plan'), price.plan],
          [
            say('explain.deck'),
            <span key="deck" className="code">
              {price.deckHash}
            </span>,
          ],
        ]}
      />
    </div>
  );
}
