// Report tests: calls of every kind, and the rate deck that prices them. Each says what it is by its CDR id.

import { NOON_MS, TENANT } from './call-stage.js';

export const DECK = `category,prefix,destination,rate,increment,connectFee,tierStart,rounding,decimals,maxCost,maxCostStrategy
*,49,Germany,0.042,1,0,0,,,,
*,4915,Germany - Mobile,0.12,60,0.05,0,,,,
*,4915,Germany - Mobile,0.06,60,0.05,120,,,,
*,44,United Kingdom,2.5,60,0,0,,,3,free
*,33,France,0.02,60,0.05,0,,,,
*,7,Russia,0,60,0,0,,,,
*,1,United States,10,60,0,0,,,,
toll-free-inbound,33805,Toll-free number,0.032,60,0,0,,,,
*,41,Switzerland,0.05,1,0,0,,,,
*,32,Belgium,0.05,1,0,0,half-up,2,,
*,31,Netherlands,0.05,1,0,0,down,3,,
`;

export type Sent = { readonly id: string; readonly usageMs: number; readonly [field: string]: unknown };
export const CALLS: readonly Sent[] = [
  { id: 'by the second', usageMs: 61_200, calledNumber: '+4930123456' },
  { id: 'rounded up', usageMs: 61_000, calledNumber: '+41441234567' },
  { id: 'rounded half up', usageMs: 66_000, calledNumber: '+3225551234' },
  { id: 'rounded down', usageMs: 61_000, calledNumber: '+31201234567' },
  { id: 'tiers', usageMs: 200_000, calledNumber: '+4915112345678', category: 'international' },
  { id: 'maximum cost', usageMs: 120_000, calledNumber: '+442079460001' },
  { id: 'pool', usageMs: 61_000, calledNumber: '+33123456789', userId: 'zoe' },
  { id: 'pool and rest', usageMs: 7_200_000, calledNumber: '+33123456789', userId: 'zoe' },
  { id: 'pool of no length', usageMs: 0, calledNumber: '+33123456789', userId: 'eve' },
  { id: 'unlimited', usageMs: 600_000, calledNumber: '+14165550123', userId: 'max', category: 'conference-dial-out' },
  { id: 'emergency', usageMs: 90_000, calledNumber: '112' },
  { id: 'given free', usageMs: 60_000, calledNumber: '+81312345678' },
  { id: 'free of charge', usageMs: 60_000, calledNumber: '+74951234567' },
  { id: 'no length', usageMs: 0, calledNumber: '+4930123456' },
  { id: 'toll-free', usageMs: 62_883, calledNumber: '+33805001632', direction: 'inbound', category: 'toll-free-inbound' },
  { id: 'against the policy', usageMs: 60_000, calledNumber: '+4930123456', userId: 'bob' },
  { id: 'two lots and overdraft', usageMs: 120_000, calledNumber: '+12025550100' },
  { id: 'rated again', usageMs: 60_000, calledNumber: '+4930123456' },
  {
    id: 'unanswered',
    usageMs: 0,
    calledNumber: '+4930123456',
    answerTime: null,
    endTime: null,
    setupTime: '2026-03-03T11:00:00Z',
  },
];

export function recordOf({ usageMs, ...call }: Sent): object {
  const [answerTime, endTime] = [NOON_MS - 7_800_000, NOON_MS - 7_800_000 + usageMs].map((ms) => new Date(ms).toISOString());
  return { tenant: TENANT, callingNumber: '+33140000001', answerTime, endTime, usageMs, ...call };
}
