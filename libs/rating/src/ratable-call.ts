// Rate step, its words: the call as rating sees it, and the coded rejections.

/** In order of precedence. */
export const RATING_REJECTION_CODES = [
  'no-plan', // the deck has no row of the tenant's plan
  'no-rate-in-currency', // the number has a rate in another currency than the tenant's; nothing is converted
  'no-rate', // no row matches the number, or none of the prefix is in force when an increment begins
] as const;
export type RatingRejectionCode = (typeof RATING_REJECTION_CODES)[number];

export type RatingRejection = {
  readonly code: RatingRejectionCode;
  /** For a person; without the number, since reasons stand in logs. */
  readonly reason: string;
};

export type RatableCall = {
  readonly plan: string;
  readonly currency: string;
  readonly category: string;
  /** E.164, `+` and digits. Not looked at for an emergency call. */
  readonly calledNumber: string;
  readonly answerTimeMs: number;
  readonly usageMs: number;
  readonly emergency?: boolean;
};

export function isRatingRejection(outcome: object): outcome is RatingRejection {
  return 'code' in outcome;
}
