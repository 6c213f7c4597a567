// Explanation's sum: a debit's recorded segments in, the sum done again line by line out, and what does not agree with the record.

import type { ChargeRecord, RestRecord } from '@tollkeeper/charge';
import type { CallDebited } from '@tollkeeper/ledger';
import type { PricedSegment, Sum } from './explanation.js';
import { isMore, isSame, plus, ratio, rational, rounded, textOf, times, ZERO, type Rational } from './rational.js';

type Segment = ChargeRecord['segments'][number];
type Terms = Pick<ChargeRecord, 'connectFee' | 'maxCost' | 'rounding' | 'decimals'>;
type Part = { readonly segments: readonly Segment[]; readonly isFeeDue: boolean; readonly terms: Terms };

export type RedoneSum = { readonly sum: Sum; readonly faults: readonly string[] };

/** What the credit owed, by who pays: the whole charge, what a pool left of it, or nothing. */
export function redoneSum({ amount, charge: unchecked, coverage = 'credit', pool, rest }: CallDebited): RedoneSum {
  const charge = unchecked as unknown as ChargeRecord;
  const whole = redone({ segments: charge.segments, isFeeDue: charge.usageMs > 0, terms: charge });
  const faults = [...faultsOfCharge(charge, whole), ...faultsOfSegments(charge.segments, 0, charge.usageMs)];
  const { lines, owed } = owedBy(coverage, charge, whole, pool, rest ?? null, faults);
  const agrees = isSame(owed, rational(amount));
  if (!agrees) faults.push(`the sum is ${textOf(owed)}, and ${amount} was debited`);
  return { sum: { lines, redone: textOf(owed), recorded: amount, agrees: agrees && faults.length === 0 }, faults };
}

export function pricedSegments(segments: readonly Segment[]): readonly PricedSegment[] {
  return segments.map((segment) => ({ ...segment, amount: textOf(costOf(segment)), sum: writtenSum(segment) }));
}

type Owed = { readonly lines: readonly string[]; readonly owed: Rational };

function owedBy(
  coverage: string,
  charge: ChargeRecord,
  whole: Redone,
  pool: CallDebited['pool'],
  rest: RestRecord | null,
  faults: string[],
): Owed {
  if (coverage === 'emergency') return { lines: ['an emergency call is free: 0'], owed: ZERO };
  if (coverage === 'unlimited') return { lines: ['the unlimited dial-out add-on pays all of it: 0'], owed: ZERO };
  if (coverage === 'credit') return { lines: whole.lines, owed: whole.amount };
  const paidSeconds = (pool?.usedMs ?? 0) / 1000;
  const usageSeconds = Math.ceil(charge.usageMs / 1000);
  if (paidSeconds >= usageSeconds) {
    if (rest !== null) faults.push(`included minutes paid all ${usageSeconds} s, and yet something is left for the credit`);
    return { lines: [`included minutes pay all of it, ${paidSeconds} s: 0`], owed: ZERO };
  }
  if (rest === null) {
    faults.push(`included minutes paid ${paidSeconds} s of ${usageSeconds} s, and what is left has no price`);
    return { lines: whole.lines, owed: whole.amount };
  }
  if (rest.fromSecond !== paidSeconds) {
    faults.push(`included minutes paid up to second ${paidSeconds}, and the credit pays from second ${rest.fromSecond} on`);
  }
  const left = redone({ segments: rest.segments, isFeeDue: rest.connectFee, terms: charge });
  faults.push(...faultsOfSegments(rest.segments, rest.fromSecond, charge.usageMs));
  if (!isSame(left.gross, rational(rest.gross)))
    faults.push(`what is left comes to ${textOf(left.gross)}, and ${rest.gross} is recorded`);
  return {
    lines: [`included minutes pay the first ${paidSeconds} s; the credit pays what is left:`, ...left.lines],
    owed: left.amount,
  };
}

type Redone = { readonly lines: readonly string[]; readonly gross: Rational; readonly amount: Rational };

function redone({ segments, isFeeDue, terms }: Part): Redone {
  const lines: string[] = [];
  let gross = ZERO;
  for (const segment of segments) {
    const cost = costOf(segment);
    gross = plus(gross, cost);
    lines.push(`${writtenSum(segment)} = ${textOf(cost)}`);
  }
  if (isFeeDue && segments.length > 0) {
    gross = plus(gross, rational(terms.connectFee));
    if (terms.connectFee !== '0') lines.push(`connect fee ${terms.connectFee}`);
  }
  if (lines.length !== 1) lines.push(lines.length === 0 ? 'nothing is billed: 0' : `together ${textOf(gross)}`);
  const most = terms.maxCost === null ? undefined : rational(terms.maxCost.amount);
  const isCapped = most !== undefined && isMore(gross, most);
  if (isCapped) lines.push(`but no more than ${textOf(most)}`);
  const amount = rounded(isCapped ? most : gross, terms.decimals, terms.rounding);
  if (segments.length > 0) lines.push(`rounded ${terms.rounding} to ${terms.decimals} decimals: ${textOf(amount)}`);
  return { lines, gross, amount };
}

function costOf({ rate, seconds, rateUnitSeconds }: Segment): Rational {
  return times(rational(rate), ratio(seconds, rateUnitSeconds));
}

function writtenSum({ rate, seconds, rateUnitSeconds }: Segment): string {
  return `${rate} × ${seconds} / ${rateUnitSeconds}`;
}

function faultsOfCharge({ gross, amount }: ChargeRecord, whole: Redone): string[] {
  const faults: string[] = [];
  if (!isSame(whole.gross, rational(gross))) faults.push(`the charge comes to ${textOf(whole.gross)}, and ${gross} is recorded`);
  if (!isSame(whole.amount, rational(amount))) faults.push(`the charge is ${textOf(whole.amount)}, and ${amount} is recorded`);
  return faults;
}

/** Whole increments without a gap, the last of them begun within the usage: neither more nor less than the call lasted is billed. */
function faultsOfSegments(segments: readonly Segment[], fromSecond: number, usageMs: number): string[] {
  const faults: string[] = [];
  const usageSeconds = Math.ceil(usageMs / 1000);
  let end = fromSecond;
  for (const { fromSecond: begin, seconds, incrementSeconds, row } of segments) {
    if (begin !== end) faults.push(`the segment of row ${row} begins at second ${begin}, where the one before ends at ${end}`);
    if (seconds % incrementSeconds !== 0)
      faults.push(`the segment of row ${row} has ${seconds} s, no whole steps of ${incrementSeconds} s`);
    end = begin + seconds;
  }
  const last = segments.at(-1);
  if (last === undefined) return faults;
  if (end < usageSeconds) faults.push(`${end} s are billed of a call of ${usageSeconds} s`);
  if (end - last.incrementSeconds >= usageSeconds)
    faults.push(`${end} s are billed, and the call had ended at ${usageSeconds} s`);
  return faults;
}
