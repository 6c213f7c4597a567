// What the API answers about rate decks and prices, as the page reads it.

import type { Segment } from './call-answers.js';

export type DeckVersion = {
  readonly hash: string;
  readonly rows: number;
  /** Of the file. */
  readonly name: string;
  readonly importedAt: string;
  readonly importedBy: string;
  readonly activeFrom: readonly string[];
  readonly state: 'active' | 'upcoming' | 'past' | 'never';
};

export type DeckPlan = { readonly plan: string; readonly versions: readonly DeckVersion[] };
export type Decks = { readonly plans: readonly DeckPlan[] };

export type DeckDiff = {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Headers of the rows. */
  readonly columns: { readonly before: string; readonly after: string };
  readonly rows: readonly {
    readonly kind: 'added' | 'removed' | 'changed';
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly truncated: boolean;
};

export type DeckImport = {
  readonly versions: readonly {
    readonly plan: string;
    readonly hash: string;
    readonly rows: number;
    /** False: it was there already. */
    readonly isNew: boolean;
  }[];
};

export type Activation = { readonly plan: string; readonly hash: string; readonly activeFrom: string };

export type Price = {
  readonly amount: string;
  readonly currency: string;
  readonly plan: string;
  readonly category: string;
  readonly destination: string;
  readonly prefix: string;
  readonly billedUsageSeconds: number;
  readonly connectFee: string;
  readonly segments: readonly Omit<Segment, 'amount' | 'sum'>[];
  readonly gross: string;
  readonly rounding: string;
  readonly decimals: number;
  readonly deckHash: string;
  readonly maxUsageSeconds?: number | null;
};
