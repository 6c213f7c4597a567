// Mail step's form of a letter: the facts of each kind of notice → what the letter of a language says about them.

import type { NoticeFacts, NoticeKind } from '@tollkeeper/projections';
import type { Say } from './say.js';

/** What a letter says; the rest is the same for all. */
export type Draft = {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly label: string; readonly url: string };
};

/** What a letter is written from, beside the facts of its kind. */
export type Pen = Say & {
  readonly tenant: string;
  /** Where the card's holder authenticates the payment of the recharge; undefined when no such place is set. */
  authenticationUrl(rechargeId: string): string | undefined;
};

export type Letters = {
  readonly [Kind in Exclude<NoticeKind, 'low-balance'>]: (facts: NoticeFacts[Kind], pen: Pen) => Draft;
} & { readonly footer: (tenant: string) => string };
