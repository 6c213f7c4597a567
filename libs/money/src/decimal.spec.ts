// Money: text to micro-units and back, one spelling per amount, checked against decimal.js.
import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { decimalOf, microsOf, parseMicros, parseScaled, scaledText } from './index.js';

const Exact = Decimal.clone({ precision: 80, toExpNeg: -40, toExpPos: 40 });
const anyMicros = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });

describe('decimal text', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['12.5', 12_500_000n],
    ['-0.004', -4_000n],
    ['0.000001', 1n],
    ['007.10', 7_100_000n],
    ['999999999999.999999', 999_999_999_999_999_999n],
  ])('%s is %s micro-units', (text, micros) => {
    expect(parseMicros(text)).toBe(micros);
    expect(microsOf(text)).toBe(micros);
  });

  test.each([
    '',
    '-',
    '.5',
    '5.',
    '1,5',
    '1e3',
    '1e309',
    '+1',
    ' 1',
    '1 ',
    '1\n',
    '0x1f',
    'NaN',
    'Infinity',
    '--1',
    '1.2.3',
    '٣',
  ])('%j is not an amount', (text) => {
    expect(parseMicros(text)).toBeUndefined();
    expect(() => microsOf(text)).toThrow('is not an amount');
  });

  test('more decimals or digits than fit are refused, never cut', () => {
    expect(parseMicros('0.0000001')).toBeUndefined();
    expect(parseMicros('0.1000000')).toBeUndefined();
    expect(parseMicros('1000000000000')).toBeUndefined();
    expect(parseScaled('0.000000000001', 12)).toBe(1n);
  });

  test.each([
    [12_500_000n, '12.5'],
    [0n, '0'],
    [-4_000n, '-0.004'],
    [100_000_000n, '100'],
    [-1n, '-0.000001'],
  ])('%s micro-units read %s', (micros, text) => {
    expect(decimalOf(micros)).toBe(text);
  });

  test('every amount has the spelling that decimal.js gives it, and reads back as itself', () => {
    fc.assert(
      fc.property(anyMicros, (micros) => {
        const text = decimalOf(micros);
        expect(text).toBe(new Exact(micros.toString()).div(1_000_000).toFixed());
        expect(microsOf(text)).toBe(micros);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every plain decimal parses to what decimal.js reads', () => {
    const texts = fc.tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{1,12}$/), fc.stringMatching(/^\d{1,12}$/));
    fc.assert(
      fc.property(texts, ([sign, integer, fraction]) => {
        const text = `${sign}${integer}.${fraction}`;
        const picos = parseScaled(text, 12);
        expect(picos?.toString()).toBe(new Exact(text).mul('1e12').plus(0).toFixed().replace(/^-0$/, '0'));
        expect(scaledText(picos ?? 0n, 12)).toBe(new Exact(text).toFixed().replace(/^-0$/, '0'));
      }),
      { numRuns: 2_000 },
    );
  });
});
