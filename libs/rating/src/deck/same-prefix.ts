// Rate deck, its check of rows that share a prefix: they are tiers of a window, or windows that must not contradict each other.

import { MAX_USAGE_MS } from '../cdr/index.js';
import { type Column } from './columns.js';
import type { DeckFaultCode } from './faults.js';
import { canMeet } from './overlap.js';
import type { Terms } from './row.js';
import type { Window } from './window.js';

/** A row, where its line stands in the file, and where that begins in the text. */
export type Placed = { readonly terms: Terms; readonly line: number; readonly start: number };
export type FaultAt = (at: Omit<Placed, 'terms'>, column: Column, code: DeckFaultCode, reason: string) => void;

/**
 * @param rows of one plan, currency, category and prefix, in order of the file.
 * @param isComplete no line had a fault of its own: otherwise a tier that seems missing may be in that line.
 */
export function faultsOfPrefix(prefix: string, rows: readonly Placed[], isComplete: boolean, fault: FaultAt): void {
  const windows = new Map<Window, Placed[]>();
  for (const row of rows) {
    const tiers = windows.get(row.terms.window);
    if (tiers === undefined) windows.set(row.terms.window, [row]);
    else tiers.push(row);
  }
  for (const tiers of windows.values()) {
    const sorted = tiers.toSorted((left, right) => left.terms.tierStart - right.terms.tierStart);
    faultsOfAgreement(prefix, sorted, fault);
    if (isComplete) faultsOfBeginnings(prefix, sorted, windows.size === 1, fault);
  }
  const firsts = [...windows.values()].map(([first]) => first as Placed);
  for (const [at, right] of firsts.entries()) {
    const left = firsts.slice(0, at).find(({ terms }) => contradicts(terms.window, right.terms.window));
    if (left === undefined) continue;
    const reason = `prefix ${prefix}: this window and that of line ${left.line} can be in force at the same time; give one a higher weight`;
    fault(right, 'weight', 'window-overlap', reason);
  }
}

function contradicts(left: Window, right: Window): boolean {
  return left.weight === right.weight && canMeet(left, right);
}

/** @param sorted tiers of one window, in order of their beginning. */
function faultsOfAgreement(prefix: string, sorted: readonly Placed[], fault: FaultAt): void {
  for (const [at, tier] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before === undefined) continue;
    if (before.terms.tierStart === tier.terms.tierStart) {
      const [earlier, later] = before.line <= tier.line ? [before, tier] : [tier, before];
      const { plan, category, currency } = tier.terms;
      const what = `plan ${plan}, category ${category}, prefix ${prefix}, currency ${currency}`;
      fault(later, 'prefix', 'row-twice', `${what} stands in line ${earlier.line} already; remove one of the rows`);
    } else if (!agree(before.terms, tier.terms)) {
      const reason = `prefix ${prefix}: tiers of one window need the same connectFee, rounding, decimals and maxCost; line ${before.line} has others`;
      fault(tier, 'tierStart', 'tiers-disagree', reason);
    }
  }
}

/** @param isOnlyWindow nothing but these rows prices the prefix, so that where each begins can be told. */
function faultsOfBeginnings(prefix: string, sorted: readonly Placed[], isOnlyWindow: boolean, fault: FaultAt): void {
  const [first] = sorted as [Placed];
  const { tierStart } = first.terms;
  if (tierStart !== 0) {
    const reason = `prefix ${prefix}: no tier of this window begins at 0, so that the first ${tierStart} s of a call would have no rate`;
    fault(first, 'tierStart', 'tier-never-begins', reason);
  } else if (isOnlyWindow) faultsOfLeaps(prefix, sorted, fault);
}

function agree(left: Terms, right: Terms): boolean {
  return (
    left.connectFee === right.connectFee &&
    left.rounding === right.rounding &&
    left.decimals === right.decimals &&
    left.maxCost?.amount === right.maxCost?.amount &&
    left.maxCost?.strategy === right.maxCost?.strategy
  );
}

/** An increment is billed wholly at the rate it begins at: one of 60 s leaps over a tier from 30 s to 60 s. */
function faultsOfLeaps(prefix: string, sorted: readonly Placed[], fault: FaultAt): void {
  let second = 0;
  for (const [at, tier] of sorted.entries()) {
    const { terms } = tier;
    const endSecond = sorted[at + 1]?.terms.tierStart ?? MAX_USAGE_MS / 1000;
    if (terms.tierStart === endSecond) continue;
    if (second >= endSecond) {
      const reason = `prefix ${prefix}: the increments before it bill ${second} s at once, and at ${endSecond} s the next tier begins`;
      fault(tier, 'tierStart', 'tier-never-begins', reason);
      continue;
    }
    const step = terms.incrementSeconds;
    second += Math.ceil((endSecond - second) / step) * step;
  }
}
