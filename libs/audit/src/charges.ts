// Proof of prices: every debit of a period is rated again, by the deck version that its charge names and the facts that stand in
// the ledger; a charge that differs in anything is found. Who paid is taken from the event: `pools` of the whole proof judges that.

import { chargeRecord, costOf, type Charge } from '@tollkeeper/charge';
import type { DeckShelf } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import { decimalOf } from '@tollkeeper/money';
import { isRatingRejection, rate } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';
import { callAgain, debitsOf, isGivenFree, isWithin, type Debit, type Period } from './debits.js';

/** What prices are redone with: the ledger's events, the deck versions, and the keys of the called numbers. */
export type ChargeParts = { readonly store: EventStore; readonly decks: DeckShelf; readonly ring: KeyRing };

export type ChargeOptions = Partial<Period> & { readonly tenant?: string };

export type ChargeDifference = {
  readonly tenant: string;
  readonly revision: number;
  readonly cdr: string;
  /** What stands in the ledger and what rating says, of each part of the charge that differs. */
  readonly parts: Readonly<Record<string, { readonly recorded: unknown; readonly rated: unknown }>>;
};

export type ChargeVerification = {
  readonly checked: number;
  readonly differ: number;
  /** Among those checked: calls recorded at no cost since nothing could rate them. */
  readonly givenFree: number;
  /** Among those checked: calls whose number was erased, rated by the prefix that was matched. */
  readonly byPrefix: number;
  /** The first of those that differ. */
  readonly differences: readonly ChargeDifference[];
};

const MAX_LISTED = 100;

/** `onProgress` hears how many more were checked. */
export async function verifyCharges(
  { store, decks, ring }: ChargeParts,
  { fromMs = -Infinity, toMs = Infinity, tenant }: ChargeOptions = {},
  onProgress: (checked: number) => void = () => undefined,
): Promise<ChargeVerification> {
  const differences: ChargeDifference[] = [];
  let [checked, differ, givenFree, byPrefix] = [0, 0, 0, 0];
  for await (const page of debitsOf(store, tenant)) {
    for (const debit of page) {
      if (!isWithin({ fromMs, toMs }, debit)) continue;
      checked += 1;
      const { parts, isFree, isErased } = await chargeAgain(debit, { decks, ring });
      if (isFree) givenFree += 1;
      if (isErased) byPrefix += 1;
      if (parts === undefined) continue;
      differ += 1;
      const { revision, data } = debit;
      if (differences.length < MAX_LISTED) differences.push({ tenant: debit.tenant, revision, cdr: data.cdr.id, parts });
    }
    onProgress(page.length);
  }
  return { checked, differ, givenFree, byPrefix, differences };
}

export type ChargeAgain = {
  /** Undefined when rating says the same. */
  readonly parts: ChargeDifference['parts'] | undefined;
  /** Recorded at no cost, since nothing could rate it. */
  readonly isFree: boolean;
  /** Its number was erased, and it is rated by the prefix that was matched. */
  readonly isErased: boolean;
};

/** What mends a debit that differs so. `rerate` compares the charges' amounts and nothing else, and needs the number. */
export function mendingOf(parts: NonNullable<ChargeAgain['parts']>, { isErased }: Pick<ChargeAgain, 'isErased'>): string {
  if ('rejection' in parts)
    return 'Its deck does not price it: see tollkeeper explain CDR-ID, and give back with tollkeeper adjust.';
  if ('amount' in parts && !isErased) return 'Put it right with tollkeeper rerate; tollkeeper explain CDR-ID shows the sum.';
  if ('amount' in parts) return 'Its number was erased, so rerate leaves it: put the difference right with tollkeeper adjust.';
  if ('debited' in parts) return 'Its price is right, what was taken is not: put the difference right with tollkeeper adjust.';
  return 'No money differs, so rerate leaves it as it is; see tollkeeper explain CDR-ID, and report it.';
}

/** @throws Error when its deck version or its called number cannot be had. */
export async function chargeAgain(debit: Debit, { decks, ring }: Omit<ChargeParts, 'store'>): Promise<ChargeAgain> {
  const { call, hasNumber } = await callAgain(debit, ring);
  const hash = String(debit.data.charge['deckHash']);
  // An emergency call is free even while no deck is active.
  const rated = hash === '' && call.emergency === true ? undefined : rate(call, await decks.deck(hash));
  return { parts: differingParts(debit, rated), isFree: isGivenFree(debit), isErased: !hasNumber };
}

function differingParts(debit: Debit, rated: ReturnType<typeof rate> | undefined): ChargeDifference['parts'] | undefined {
  const { data } = debit;
  const recorded = data.charge as Readonly<Record<string, unknown>>;
  const isFree = rated === undefined || (isGivenFree(debit) && isRatingRejection(rated));
  if (isFree) return data.amount === '0' ? undefined : { debited: { recorded: data.amount, rated: '0' } };
  if (isRatingRejection(rated)) return { rejection: { recorded: null, rated: `${rated.code}: ${rated.reason}` } };
  const again = chargeRecord(rated) as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(recorded), ...Object.keys(again)]);
  const parts: Record<string, { recorded: unknown; rated: unknown }> = {};
  for (const name of names) {
    if (JSON.stringify(recorded[name]) !== JSON.stringify(again[name]))
      parts[name] = { recorded: recorded[name], rated: again[name] };
  }
  const owed = owedByCredit(rated, data);
  if (owed !== data.amount) parts['debited'] = { recorded: data.amount, rated: owed };
  return Object.keys(parts).length === 0 ? undefined : parts;
}

/** Of the charge, what is left when the included minutes that the debit names have paid. */
function owedByCredit(charge: Charge, { coverage = 'credit', pool }: Debit['data']): string {
  if (coverage === 'credit') return decimalOf(charge.amountMicros);
  const [paidSeconds, usageSeconds] = [(pool?.usedMs ?? 0) / 1000, Math.ceil(charge.usageMs / 1000)];
  if (coverage !== 'pool' || paidSeconds >= usageSeconds) return '0';
  return decimalOf(costOf(charge.timeline, paidSeconds, usageSeconds, { connectFee: paidSeconds === 0 }).amountMicros);
}
