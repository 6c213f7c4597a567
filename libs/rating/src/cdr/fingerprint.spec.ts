// Step CDR, fingerprint: what changes it, and what must not.
import { describe, expect, test } from '@jest/globals';
import { type Cdr, isCdrRejection } from './cdr.js';
import { FINGERPRINT_VERSION, fingerprintOf } from './fingerprint.js';
import { canonicalRecord } from './fixtures/canonical.js';
import { lowerCaseJson } from './fixtures/asterisk.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';
import type { SourceSettings } from './source.js';

function cdrOf(value: unknown, settings: Partial<SourceSettings> = {}): Cdr {
  const parsed = parseCdrs(bytesOf(value), sourceWith(settings));
  if (isCdrRejection(parsed) || parsed.cdrs[0] === undefined) throw new Error('the fixture must parse');
  return parsed.cdrs[0];
}

const print = fingerprintOf(cdrOf(canonicalRecord));

test('is versioned and never changes for stored events', () => {
  expect(FINGERPRINT_VERSION).toBe(1);
  expect(print).toBe('f1:c3d5d4a965ff13574b60dc188485057d');
});

describe('is the same', () => {
  test.each([
    ['in other order', Object.fromEntries(Object.entries(canonicalRecord).toReversed())],
    ['with white space', JSON.stringify(canonicalRecord, null, 4)],
    ['with other offsets', { ...canonicalRecord, answerTime: '2026-03-02T06:00:04.250-03:00' }],
    ['with fields nobody reads', { ...canonicalRecord, colour: 'red' }],
    ['escaped', JSON.stringify(canonicalRecord).replace('Á', '\\u00c1')],
    ['as CSV would spell its numbers', { ...canonicalRecord, usageMs: '67540' }],
  ])('%s', (_name, value) => {
    expect(fingerprintOf(cdrOf(value))).toBe(print);
  });

  test('whatever the settings of the source', () => {
    const one = fingerprintOf(cdrOf(lowerCaseJson));
    const other = cdrOf(lowerCaseJson, { trunks: ['nowhere'], defaultCountry: 'FR', trustTenantField: true });
    expect(other.notBillable).toBe('internal-leg');
    expect(fingerprintOf(other)).toBe(one);
  });
});

describe('differs', () => {
  test.each([
    { usageMs: 67541 },
    { calledNumber: '+442079460002' },
    { callingNumber: null },
    { answerTime: '2026-03-02T09:00:04.251Z' },
    { category: 'premium' },
    { switchUsage: '67' },
    { switchCharge: '0.02' },
  ])('by %j', (changes) => {
    expect(fingerprintOf(cdrOf({ ...canonicalRecord, ...changes }))).not.toBe(print);
  });
});
