// The charge in an explanation: the row of the deck, the segments, the rounding; and who paid: pools, then lots.

import type { ReactNode } from 'react';
import type { Explanation, Pricing } from '../../data/call-answers.js';
import { csvFields } from '../../format/csv.js';
import { amountText, isZero } from '../../format/money.js';
import { durationText, monthText } from '../../format/time.js';
import { Instant, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Facts, type Fact } from '../../parts/facts.js';
import { Sign } from '../../parts/notice.js';
import { useWords, type Say } from '../../words/words.js';

const SECOND_MS = 1_000;

type PricingProps = { readonly pricing: Pricing; readonly deck: Explanation['deck'] };

export function PricingOf({ pricing, deck }: PricingProps): ReactNode {
  const { say } = useWords();
  const { currency, maxCost } = pricing;
  return (
    <>
      <Facts
        facts={[
          [say('calls.destination'), `${pricing.destination} (${pricing.prefix})`],
          [say('calls.category'), say.code('category', pricing.category)],
          ...(deck === null ? [] : deckFacts(deck, say)),
        ]}
      />
      {deck?.row.map(({ row, csv }) => (
        <DeckRow key={row} row={row} csv={csv} header={deck.header} />
      ))}
      <Segments segments={pricing.segments} currency={currency} />
      <Facts
        facts={[
          [say('explain.billed'), durationOf(pricing.billedUsageSeconds)],
          [say('explain.connectFee'), <Money key="fee" amount={pricing.connectFee} currency={currency} />],
          [say('explain.gross'), pricing.gross],
          ...(maxCost === null ? [] : [[say('explain.maxCost'), `${maxCost.amount} (${maxCost.strategy})`] as const]),
          [
            say('explain.rounding'),
            say('explain.roundingText', { mode: say.code('rounding', pricing.rounding), decimals: pricing.decimals }),
          ],
          [
            say('calls.amount'),
            <strong key="amount">
              <Money amount={pricing.amount} currency={currency} />
            </strong>,
          ],
        ]}
      />
    </>
  );
}

/** Columns that are left blank in the row say nothing. */
function DeckRow({ row, csv, header }: { readonly row: number; readonly csv: string; readonly header: string }): ReactNode {
  const { say } = useWords();
  const values = csvFields(csv);
  const facts = csvFields(header).map((name, column): Fact => [name, values[column] ?? '', 'en']);
  return (
    <div className="card" role="group" aria-label={say('explain.deckRowOf', { row })}>
      <strong>{say('explain.deckRowOf', { row })}</strong>
      <Facts facts={facts.filter(([, value]) => value !== '')} />
    </div>
  );
}

type SegmentsProps = { readonly segments: Pricing['segments']; readonly currency: string };

export function Segments({ segments, currency }: SegmentsProps): ReactNode {
  const { say, language } = useWords();
  if (segments.length === 0) return null;
  return (
    <DataTable
      label={say('explain.segments')}
      rows={segments}
      keyOf={(segment) => segment.fromSecond}
      minWidth={480}
      columns={[
        { head: say('explain.from'), isRowHead: true, cell: (segment) => durationOf(segment.fromSecond) },
        { head: say('explain.seconds'), isFigure: true, cell: (segment) => durationOf(segment.seconds) },
        { head: say('explain.increment'), isFigure: true, cell: (segment) => `${segment.incrementSeconds} s` },
        {
          head: `${say('explain.rate')} (${currency})`,
          isFigure: true,
          cell: (segment) => `${amountText(segment.rate, language, 0)} / ${segment.rateUnitSeconds} s`,
        },
        { head: say('explain.sumOf'), isFigure: true, cell: (segment) => `${segment.sum} = ${segment.amount}` },
        { head: say('explain.deckRow'), isFigure: true, cell: (segment) => segment.row },
      ]}
    />
  );
}

type CoverageProps = {
  readonly coverage: NonNullable<Explanation['coverage']>;
  readonly lots: Explanation['lots'];
  readonly overdraft: string;
  readonly currency: string;
};

export function CoverageOf({
  coverage: { kind, pool, rest, unauthorised },
  lots,
  overdraft,
  currency,
}: CoverageProps): ReactNode {
  const { say, language } = useWords();
  const pooled: readonly Fact[] =
    pool === null
      ? []
      : [
          [say('explain.pool'), `${pool.pool}, ${say.code('meter', pool.meter)}, ${monthText(pool.month, language)}`],
          [say('explain.poolUsed'), durationOf(pool.usedMs / SECOND_MS)],
          [say('explain.poolLeft'), durationOf(pool.remainingMs / SECOND_MS)],
        ];
  return (
    <Facts
      facts={[
        [say('calls.coverage'), say.code('coverage', kind)],
        ...pooled,
        ...(rest === null ? [] : [[say('explain.rest'), restText(rest, say)] as const]),
        ...lots.map(({ lotId, amount }): Fact => [
          say('explain.lot', { lot: lotId }),
          <Money key={lotId} amount={amount} currency={currency} />,
        ]),
        ...(isZero(overdraft)
          ? []
          : [[say('overview.overdraft'), <Money key="overdraft" amount={overdraft} currency={currency} />] as const]),
        ...(unauthorised === null
          ? []
          : [
              [
                say('explain.unauthorised'),
                <Sign key="code" tone="warn">
                  {say.code('refusal', unauthorised)}
                </Sign>,
              ] as const,
            ]),
      ]}
    />
  );
}

function restText(rest: NonNullable<CoverageProps['coverage']['rest']>, say: Say): string {
  const { fromSecond, billedUsageSeconds, amount } = rest;
  return say('explain.restText', { from: durationText(fromSecond), billed: durationText(billedUsageSeconds), amount });
}

function deckFacts(deck: NonNullable<Explanation['deck']>, say: Say): readonly Fact[] {
  return [
    [say('explain.plan'), deck.plan],
    [
      say('explain.deck'),
      <span key="deck" className="code">
        {deck.hash}
      </span>,
    ],
    ...(deck.activeFrom === null ? [] : [[say('explain.activeFrom'), <Instant key="from" at={deck.activeFrom} />] as const]),
  ];
}

function durationOf(seconds: number): ReactNode {
  return <span className="figure">{durationText(seconds)}</span>;
}
