// `tollkeeper price`: a call that has not been made in, what it would cost and the sum to redo by hand out.

import { chargeRecord, type ChargeRecord } from '@tollkeeper/charge';
import { isRatingRejection, quote, type Deck, type RatingRejection } from '@tollkeeper/rating';
import { deckNamed } from './deck-files.js';
import type { Engines } from './engines.js';
import { CommandError } from './exit.js';
import { printJson, tableOf } from './output.js';

export type PriceOptions = {
  readonly deck: string;
  readonly plan?: string;
  readonly currency?: string;
  readonly category: string;
  readonly called: string;
  readonly answer: number;
  readonly usage: number;
  readonly max?: bigint;
  readonly json?: boolean;
};

export type PriceAnswer =
  | (ChargeRecord & { readonly maxUsageSeconds?: number | null })
  | { readonly rejection: string; readonly reason: string };

export async function price(options: PriceOptions, engines: Engines): Promise<void> {
  const deck = await deckNamed(options.deck, engines, options.currency);
  const answer = answerOf(options, deck);
  if (options.json) printJson(answer);
  else console.log('rejection' in answer ? `${answer.rejection}: ${answer.reason}` : explained(answer));
}

export function answerOf(options: Omit<PriceOptions, 'deck' | 'json'>, deck: Deck): PriceAnswer {
  const plan = options.plan ?? onlyOne('plan', [...deck.books.keys()], 'default');
  const currency =
    options.currency ?? onlyOne('currency', [...new Set([...deck.books.values()].flatMap((book) => [...book.keys()]))]);
  const { category, called: calledNumber, answer: answerTimeMs, usage: usageMs, max } = options;
  const call = { plan, currency, category, calledNumber, answerTimeMs, usageMs };
  const quoted = quote(call, deck, max === undefined ? {} : { balanceMicros: max });
  if (isRatingRejection(quoted)) return rejected(quoted);
  const { charge, maxUsageSeconds } = quoted;
  return { ...chargeRecord(charge), ...(maxUsageSeconds === undefined ? {} : { maxUsageSeconds }) };
}

function rejected({ code, reason }: RatingRejection): PriceAnswer {
  return { rejection: code, reason };
}

function onlyOne(what: 'plan' | 'currency', names: readonly string[], preferred?: string): string {
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  throw new CommandError(
    `the deck has several ${what === 'plan' ? 'plans' : 'currencies'}: ${names.join(', ')}; choose one with --${what}`,
  );
}

/** The sum as one would write it down: each segment's share of rate units, the connect fee, the cap, the rounding. */
function explained(answer: ChargeRecord & { readonly maxUsageSeconds?: number | null }): string {
  const { amount, currency, destination, prefix, billedUsageSeconds, connectFee, gross, maxCost, rounding, decimals } = answer;
  const rows = answer.segments.map(({ fromSecond, seconds, rate, rateUnitSeconds, incrementSeconds, row }) => [
    `${fromSecond} s`,
    `${seconds} s`,
    `in steps of ${incrementSeconds} s`,
    `${rate} for ${rateUnitSeconds} s`,
    `${rate} × ${seconds} / ${rateUnitSeconds}`,
    `row ${row}`,
  ]);
  const lines = [
    `${amount} ${currency} to ${destination} (prefix ${prefix || 'none'}, plan ${answer.plan}, category ${answer.category})`,
    `billed ${billedUsageSeconds} s of ${answer.usageMs / 1000} s`,
    '',
    ...(rows.length === 0 ? [] : [tableOf(['from', 'billed', '', 'rate', 'sum', 'deck'], rows)]),
    `connect fee ${connectFee}${answer.usageMs > 0 ? '' : ', not due without usage'}; together ${gross}`,
    ...(maxCost === null ? [] : [`at most ${maxCost.amount} (${maxCost.strategy})`]),
    `rounded ${rounding} to ${decimals} decimals: ${amount} ${currency}`,
    `deck ${answer.deckHash}`,
  ];
  const { maxUsageSeconds } = answer;
  if (maxUsageSeconds === null) lines.push('the balance pays for any call');
  else if (maxUsageSeconds !== undefined) lines.push(`the balance lasts ${maxUsageSeconds} s`);
  return lines.join('\n');
}
