// Exact amounts with a currency; the only place that rounds.
export {
  decimalOf,
  MAX_INTEGER_DIGITS,
  MICRO_DECIMALS,
  type Micros,
  microsOf,
  parseMicros,
  parseScaled,
  scaledText,
} from './decimal.js';
export { currencies, isCurrency, minorUnitMicros, minorUnitsOf } from './currency.js';
export { formatAmount } from './format.js';
export { ROUNDING_MODES, type RoundingMode, roundRatio } from './rounding.js';
