// Gateway simulator's rules: what a tenant's next new payment meets → what is taken down and how the first request ends.

import { DECLINE_CODES, type DeclineCode, isDeclineCode } from '@tollkeeper/payment-gateway';

/** Every decline code is a behaviour of its own, besides these. */
const NAMED_BEHAVIOURS = [
  'success',
  'decline', // short for card-declined
  'timeout-after-charging', // money is taken and the first request is never answered
  'drop-reply', // money is taken and the first request's connection breaks
  'drop-request', // the connection breaks and nothing is taken
  'unavailable', // 503 and nothing is taken
  'processing-then-success', // the first answer is "processing", every later one "paid"
  'processing-then-decline',
] as const;

export type Behaviour = (typeof NAMED_BEHAVIOURS)[number] | DeclineCode;

export const BEHAVIOURS: readonly Behaviour[] = [...NAMED_BEHAVIOURS, ...DECLINE_CODES.map(({ code }) => code)];

export function isBehaviour(text: unknown): text is Behaviour {
  return BEHAVIOURS.some((behaviour) => behaviour === text);
}

/** `settled` is what the payment comes to; `first` is how the request that made it ends. */
export type Plan = {
  readonly settled: 'paid' | DeclineCode;
  readonly first: 'answer' | 'processing' | 'hang' | 'break';
};

/** Undefined when the behaviour makes no payment. */
export function planOf(behaviour: Behaviour): Plan | undefined {
  switch (behaviour) {
    case 'success':
      return { settled: 'paid', first: 'answer' };
    case 'decline':
      return { settled: 'card-declined', first: 'answer' };
    case 'timeout-after-charging':
      return { settled: 'paid', first: 'hang' };
    case 'drop-reply':
      return { settled: 'paid', first: 'break' };
    case 'processing-then-success':
      return { settled: 'paid', first: 'processing' };
    case 'processing-then-decline':
      return { settled: 'card-declined', first: 'processing' };
    case 'drop-request':
    case 'unavailable':
      return undefined;
    default:
      return isDeclineCode(behaviour) ? { settled: behaviour, first: 'answer' } : undefined;
  }
}
