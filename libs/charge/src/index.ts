// A charge: a call's priced timeline, the cost of any part of it, and how long an amount lasts.
export { affordableSeconds } from './affordable.js';
export {
  type Charge,
  type MaxCost,
  parsePicos,
  picosOf,
  type Price,
  RATE_DECIMALS,
  type RatedAhead,
  type RateSpan,
  type Segment,
  type Timeline,
} from './charge.js';
export { costOf, priceOf } from './cost.js';
export { endOfIncrementsCovering, endOfIncrementsWithin } from './increments.js';
export { chargeRecord, type ChargeRecord, restRecord, type RestRecord, timelineRecord, type TimelineRecord } from './record.js';
