// Step CDR: every rejection code once, in their order of precedence, and the traps that every format shares.
import { describe, expect, test } from '@jest/globals';
import { CDR_REJECTION_CODES, type CdrRejection, type CdrRejectionCode, isCdrRejection, MAX_CDR_BYTES } from './cdr.js';
import { canonicalRecord } from './fixtures/canonical.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { compileIntake, readCdrs } from './intake.js';
import { parseCdrs } from './recognise.js';

function rejectionOf(bytes: Uint8Array, headers = {}): CdrRejection | null {
  const source = sourceWith({ defaultCountry: 'FR' });
  const compiled = compileIntake([source]);
  if ('faults' in compiled) throw new Error('the fixture source must compile');
  const read = readCdrs(bytes, source, compiled.intake, headers);
  return isCdrRejection(read) ? read : null;
}

const notText = new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]);
const ONE_OF_EACH: Record<CdrRejectionCode, { readonly bytes: Uint8Array; readonly reason: RegExp }> = {
  'cdr-not-text': { bytes: notText, reason: /4 bytes are not UTF-8/ },
  'cdr-too-large': { bytes: bytesOf(' '.repeat(MAX_CDR_BYTES)), reason: /1048576 bytes; expected fewer than 1048576/ },
  'cdr-malformed': { bytes: bytesOf('{"id":'), reason: /held "\{\\"id\\":"; expected JSON/ },
  'cdr-unknown-format': { bytes: bytesOf({ colour: 'red' }), reason: /held the fields "colour"; expected those of one of canon/ },
  'cdr-field-missing': { bytes: bytesOf({ ...canonicalRecord, id: null }), reason: /^id is missing; expected the CDR id/ },
  'cdr-field-invalid': {
    bytes: bytesOf({ ...canonicalRecord, usageMs: -1 }),
    reason: /^usageMs held -1; expected whole milliseconds from 0 to 31 days$/,
  },
  'cdr-interim': {
    bytes: bytesOf({ ...canonicalRecord, record: 'interim' }),
    reason: /^the record is an interim one; it is put aside/,
  },
  'called-number-unusable': {
    bytes: bytesOf({ ...canonicalRecord, calledNumber: 'voicemail' }),
    reason: /^calledNumber held "voicemail"; expected an E.164 number or a national one of FR$/,
  },
  'unknown-tenant': { bytes: bytesOf(canonicalRecord), reason: /accountCode "acme-main".*expected a mapping rule of pbx-1/ },
};

describe('every rejection code', () => {
  test.each(CDR_REJECTION_CODES)('%s', (code) => {
    const { bytes, reason } = ONE_OF_EACH[code];
    const rejection = rejectionOf(bytes);
    expect(rejection?.code).toBe(code);
    expect(rejection?.reason).toMatch(reason);
  });

  test.each([
    ['not text and too large', new Uint8Array(MAX_CDR_BYTES).fill(0xff), 'cdr-not-text'],
    ['missing and invalid', bytesOf({ ...canonicalRecord, usageMs: -1, id: '' }), 'cdr-field-missing'],
    ['invalid and unusable', bytesOf({ ...canonicalRecord, calledNumber: 's', usageMs: -1 }), 'cdr-field-invalid'],
    ['unusable and unknown tenant', bytesOf({ ...canonicalRecord, calledNumber: 's' }), 'called-number-unusable'],
  ])('%s: the earlier code wins', (_name, bytes, code) => {
    expect(rejectionOf(bytes)?.code).toBe(code);
  });

  test('one byte under the limit is read', () => {
    const padded = JSON.stringify(canonicalRecord).padEnd(MAX_CDR_BYTES - 100);
    expect(rejectionOf(bytesOf(padded))?.code).toBe('unknown-tenant');
  });
});

describe('bytes that are no record', () => {
  test.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['a number', '17'],
    ['null in an array', '[null]'],
    ['NaN', '{"id":"1","usageMs":NaN}'],
    ['UTF-16 without its mark', '{\u0000"\u0000i\u0000'],
    ['two objects', '{"id":"1"}{"id":"2"}'],
  ])('%s is malformed', (_name, text) => {
    expect(rejectionOf(bytesOf(text))?.code).toBe('cdr-malformed');
  });

  test('nesting as deep as a record may be overflows nothing', () => {
    const depth = 500_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    expect(rejectionOf(bytesOf(`{"calledNumber":${nested}}`))?.reason).toMatch(/missing/);
    expect(rejectionOf(bytesOf(`{"id":"1","setupTime":1772442000000,"calledNumber":${nested}}`))?.reason).toMatch(
      /held an array/,
    );
    expect(rejectionOf(bytesOf(nested))?.code).toBe('cdr-malformed');
  });

  test('a byte-order mark is no fault', () => {
    const marked = bytesOf(`\ufeff${JSON.stringify(canonicalRecord)}`);
    expect(isCdrRejection(parseCdrs(marked, sourceWith()))).toBe(false);
  });

  test('the second record of an array rejects the message and is named', () => {
    const rejection = rejectionOf(
      bytesOf([
        { ...canonicalRecord, tenant: 'a' },
        { ...canonicalRecord, id: '' },
      ]),
    );
    expect(rejection).toEqual({ code: 'cdr-field-missing', field: 'id', reason: expect.stringMatching(/^record 2: id/) });
  });
});

describe('keys that would poison a prototype', () => {
  const hostile =
    '{"__proto__":{"calledNumber":"+331","polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,' +
    `${JSON.stringify(canonicalRecord).slice(1)}`;

  test('do no harm and are not read', () => {
    const parsed = parseCdrs(bytesOf(hostile), sourceWith());
    expect(isCdrRejection(parsed) ? parsed : parsed.cdrs[0]?.calledNumber).toBe(canonicalRecord.calledNumber);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('cannot supply a missing field', () => {
    const text = '{"__proto__":{"id":"x"},"calledNumber":"+442079460001","setupTime":"2026-03-02T09:00:00Z"}';
    expect(rejectionOf(bytesOf(text))?.code).toBe('cdr-field-missing');
  });

  test('in a CSV header are columns like any other', () => {
    const text = '__proto__,id,calledNumber,setupTime\nx,1,+442079460001,2026-03-02T09:00:00Z\n';
    expect(isCdrRejection(parseCdrs(bytesOf(text), sourceWith()))).toBe(false);
  });
});

describe('which format', () => {
  test('an unknown header is a rejection', () => {
    expect(rejectionOf(bytesOf(canonicalRecord), { 'cdr-format': 'cisco' })?.code).toBe('cdr-unknown-format');
  });

  test('the header wins over the shape, the setting over the header', () => {
    const bytes = bytesOf(canonicalRecord);
    const headers = { 'cdr-format': Buffer.from('graph-pstn') };
    const byHeader = parseCdrs(bytes, sourceWith(), headers);
    expect(isCdrRejection(byHeader) && byHeader.reason).toMatch(/startDateTime is missing/);
    const bySetting = parseCdrs(bytes, sourceWith({ format: 'canonical-json' }), headers);
    expect(isCdrRejection(bySetting)).toBe(false);
  });

  test('CSV of no known layout says so', () => {
    expect(rejectionOf(bytesOf('a,b,c\n1,2,3\n'))?.code).toBe('cdr-unknown-format');
  });
});
