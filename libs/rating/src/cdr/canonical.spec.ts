// Step CDR, canonical JSON and CSV: each field's traps.
import { describe, expect, test } from '@jest/globals';
import { parseCanonicalCsv, parseCanonicalJson } from './canonical.js';
import { type Cdr, isCdrRejection } from './cdr.js';
import { canonicalCsv, canonicalRecord } from './fixtures/canonical.js';
import { bytesOf } from './fixtures/source.js';

function parse(changes: Readonly<Record<string, unknown>>): Cdr | string {
  const parsed = parseCanonicalJson(bytesOf({ ...canonicalRecord, ...changes }));
  return isCdrRejection(parsed) ? `${parsed.code} ${parsed.field}` : (parsed.cdrs[0] ?? 'no record');
}

test('a whole record', () => {
  expect(parse({})).toEqual({
    format: 'canonical-json',
    parserVersion: 1,
    id: 'call-0001-a',
    callId: 'call-0001',
    conferenceId: null,
    sessionId: 'session-17',
    tenantHints: { accountCode: 'acme-main', sipDomain: 'sip.acme.example', trunk: 'acme-trunk', tenant: 'acme' },
    direction: 'outbound',
    callingNumber: '+33140000001',
    calledNumber: '+442079460001',
    category: 'international',
    setupTimeMs: Date.UTC(2026, 2, 2, 9, 0, 0),
    answerTimeMs: Date.UTC(2026, 2, 2, 9, 0, 4, 250),
    endTimeMs: Date.UTC(2026, 2, 2, 9, 1, 11, 790),
    usageMs: 67540,
    switchUsage: '68',
    notBillable: null,
    userId: 'u-1',
    userPrincipalName: 'ana@acme.example',
    userDisplayName: 'Ana Ávila',
    userLocation: 'FR',
    callType: null,
    numberType: null,
    domesticOrInternational: null,
    destinationName: null,
    capability: null,
    switchCharge: '0.0200',
    switchConnectionCharge: null,
    switchCurrency: 'EUR',
  });
});

describe('times and usage', () => {
  test.each([
    ['epoch milliseconds', { answerTime: 1772442004250 }, { answerTimeMs: 1772442004250 }],
    ['an offset', { setupTime: '2026-03-02T06:00:00-03:00' }, { setupTimeMs: Date.UTC(2026, 2, 2, 9) }],
    ['usage from the times', { usageMs: null }, { usageMs: 67540 }],
    ['a usage above the times by rounding', { usageMs: 68000 }, { usageMs: 68000 }],
    ['no end', { endTime: null }, { endTimeMs: Date.UTC(2026, 2, 2, 9, 1, 11, 790) }],
    ['unanswered', { answerTime: null, usageMs: 0 }, { usageMs: 0, notBillable: 'unanswered', answerTimeMs: null }],
    ['answered for 0 ms', { endTime: canonicalRecord.answerTime, usageMs: 0 }, { usageMs: 0, notBillable: null }],
    ['a B-leg', { notBillable: 'b-leg' }, { notBillable: 'b-leg', usageMs: 67540 }],
  ])('%s', (_name, changes, expected) => {
    expect(parse(changes)).toMatchObject(expected);
  });

  test.each([
    ['negative usage', { usageMs: -1 }, 'cdr-field-invalid usageMs'],
    ['usage in fractions', { usageMs: 67.5 }, 'cdr-field-invalid usageMs'],
    ['usage NaN', { usageMs: 'NaN' }, 'cdr-field-invalid usageMs'],
    ['usage above 31 days', { usageMs: 31 * 86_400_000 + 1 }, 'cdr-field-invalid usageMs'],
    ['31 days by the times', { usageMs: null, endTime: '2026-04-03T09:00:00Z' }, 'cdr-field-invalid endTime'],
    ['usage longer than the call', { usageMs: 68541 }, 'cdr-field-invalid usageMs'],
    ['end before answer', { endTime: '2026-03-02T09:00:04.249Z' }, 'cdr-field-invalid endTime'],
    ['answer before setup', { setupTime: '2026-03-02T09:00:05Z' }, 'cdr-field-invalid answerTime'],
    ['year 9999', { endTime: '9999-12-31T23:59:59Z' }, 'cdr-field-invalid endTime'],
    ['year 2100', { endTime: '2100-01-01T00:00:00Z' }, 'cdr-field-invalid endTime'],
    ['before 2000', { setupTime: '1999-12-31T23:59:59.999Z' }, 'cdr-field-invalid setupTime'],
    ['1970', { setupTime: 0 }, 'cdr-field-invalid setupTime'],
    ['no offset', { setupTime: '2026-03-02T09:00:00' }, 'cdr-field-invalid setupTime'],
    ['31 February', { setupTime: '2026-02-31T09:00:00Z' }, 'cdr-field-invalid setupTime'],
    ['a time that is an object', { setupTime: {} }, 'cdr-field-invalid setupTime'],
    ['usage without answer', { answerTime: null }, 'cdr-field-missing answerTime'],
    ['answer with neither end nor usage', { endTime: null, usageMs: null }, 'cdr-field-missing usageMs'],
    ['no time at all', { setupTime: null, answerTime: null, usageMs: null }, 'cdr-field-missing setupTime'],
  ])('%s', (_name, changes, expected) => {
    expect(parse(changes)).toBe(expected);
  });

  test('1e309 is no usage', () => {
    const text = JSON.stringify(canonicalRecord).replace('"usageMs":67540', '"usageMs":1e309');
    expect(parseCanonicalJson(bytesOf(text))).toMatchObject({
      code: 'cdr-field-invalid',
      reason: expect.stringMatching(/held Infinity/),
    });
  });
});

describe('texts', () => {
  test.each([
    ['no id', { id: undefined }, 'cdr-field-missing id'],
    ['a blank id', { id: '  ' }, 'cdr-field-missing id'],
    ['a numeric id', { id: 17 }, 'cdr-field-invalid id'],
    ['no called number', { calledNumber: null }, 'cdr-field-missing calledNumber'],
    ['a called number that is a number', { calledNumber: 442079460001 }, 'cdr-field-invalid calledNumber'],
    ['257 characters', { callId: 'x'.repeat(257) }, 'cdr-field-invalid callId'],
    ['a line break', { callId: 'a\nb' }, 'cdr-field-invalid callId'],
    ['a NUL', { userDisplayName: 'a\u0000' }, 'cdr-field-invalid userDisplayName'],
    ['a C1 control', { userDisplayName: 'a\u0085b' }, 'cdr-field-invalid userDisplayName'],
    ['a broken surrogate', { userDisplayName: 'a\ud800' }, 'cdr-field-invalid userDisplayName'],
    ['an unknown direction', { direction: 'sideways' }, 'cdr-field-invalid direction'],
    ['a charge in words', { switchCharge: 'two' }, 'cdr-field-invalid switchCharge'],
    ['an array', { category: ['x'] }, 'cdr-field-invalid category'],
  ])('%s', (_name, changes, expected) => {
    expect(parse(changes)).toBe(expected);
  });

  test('are trimmed, blank is null, emoji pass', () => {
    expect(parse({ callId: ' a ', callingNumber: '', userDisplayName: '📞' })).toMatchObject({
      callId: 'a',
      callingNumber: null,
      userDisplayName: '📞',
    });
  });
});

describe('CSV', () => {
  test('reads rows under their header', () => {
    const parsed = parseCanonicalCsv(bytesOf(canonicalCsv));
    expect(isCdrRejection(parsed) ? parsed : parsed.cdrs).toMatchObject([
      { format: 'canonical-csv', id: 'call-0001-a', usageMs: 67540, notBillable: null },
      { id: 'call-0002-a', callingNumber: null, setupTimeMs: 1772442000000, notBillable: 'unanswered' },
    ]);
  });

  test.each([
    ['a header alone', 'id,calledNumber\n', /no record/],
    ['a short row', 'id,calledNumber\n1\n', /^line 2: the row has 1 cells under a header of 2/],
    ['an open quote', 'id,calledNumber\n"1,2\n', /^line 2: cell 1 opens a quote/],
    ['text after a quote', 'id,calledNumber\n"1"x,2\n', /^line 2: cell 1 goes on after its closing quote/],
    ['too many cells', `id,calledNumber\n${','.repeat(300)}\n`, /^line 2: the row has more than 200 cells/],
  ])('%s', (_name, text, reason) => {
    expect(parseCanonicalCsv(bytesOf(text))).toMatchObject({ code: 'cdr-malformed', reason: expect.stringMatching(reason) });
  });
});
