// Explanation's tariff: a recorded charge in, the deck version and the very rows that it names out, and what does not agree with them.

import type { ChargeRecord } from '@tollkeeper/charge';
import type { DeckVersion } from '@tollkeeper/decks';
import { contentOf, type Deck } from '@tollkeeper/rating';
import type { ExplainedDeck } from './explanation.js';

export type TariffParts = {
  /** @throws Error when there is no such version. */
  readonly deck: (hash: string) => Promise<Deck>;
  readonly versions: () => readonly DeckVersion[];
};

export type Tariff = { readonly deck: ExplainedDeck | null; readonly faults: readonly string[] };

/** An emergency call is free also while no deck is active, and names none then. */
export async function tariffOf(parts: TariffParts, charge: ChargeRecord, answeredAt: string): Promise<Tariff> {
  const { deckHash: hash, plan, rows } = charge;
  if (hash === '') return { deck: null, faults: [] };
  const activeFrom = activeFromOf(parts.versions(), plan, hash, answeredAt);
  const deck = await readable(parts, hash);
  if (typeof deck === 'string') {
    return { deck: { hash, plan, header: '', row: [], activeFrom }, faults: [`deck ${hash} cannot be read: ${deck}`] };
  }
  const lines = contentOf(deck).split('\n');
  const row = rows.map((number) => ({ row: number, csv: lines[number] ?? '' }));
  return { deck: { hash, plan, header: lines[0] ?? '', row, activeFrom }, faults: faultsOfRows(deck, charge) };
}

async function readable({ deck }: TariffParts, hash: string): Promise<Deck | string> {
  try {
    return await deck(hash);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The last activation of the version for calls of the instant. */
function activeFromOf(versions: readonly DeckVersion[], plan: string, hash: string, answeredAt: string): string | null {
  const version = versions.find((known) => known.plan === plan && known.hash === hash);
  const begun = (version?.activations ?? []).map(({ activeFrom }) => activeFrom).filter((from) => from <= answeredAt);
  return begun.toSorted().at(-1) ?? null;
}

function faultsOfRows(deck: Deck, charge: ChargeRecord): readonly string[] {
  const faults: string[] = [];
  const compare = (row: number, what: string, recorded: unknown, own: unknown): void => {
    if (recorded !== own) faults.push(`row ${row} of the deck has ${what} ${String(own)}, and the charge ${String(recorded)}`);
  };
  for (const number of charge.rows) {
    if (number < 1 || number > deck.rowCount) {
      faults.push(`the deck has rows 1 to ${deck.rowCount}, and the charge names row ${number}`);
      return faults;
    }
  }
  for (const { row, rate, rateUnitSeconds, incrementSeconds } of charge.segments) {
    const own = deck.row(row);
    compare(row, 'rate', rate, own.rate);
    compare(row, 'rate unit', rateUnitSeconds, own.rateUnitSeconds);
    compare(row, 'increment', incrementSeconds, own.incrementSeconds);
  }
  const [first] = charge.rows;
  if (first === undefined) return faults;
  // The row in force at answer says what holds for the whole call.
  const own = deck.row(first);
  compare(first, 'prefix', charge.prefix, own.prefix);
  compare(first, 'currency', charge.currency, own.currency);
  compare(first, 'connect fee', charge.connectFee, own.connectFee);
  compare(first, 'rounding', charge.rounding, own.rounding);
  compare(first, 'decimals', charge.decimals, own.decimals);
  compare(first, 'maximum cost', charge.maxCost?.amount, own.maxCost?.amount);
  return faults;
}
