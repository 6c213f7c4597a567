// Step CDR, numbers: one row is one number as a switch sent it.
import { describe, expect, test } from '@jest/globals';
import { emergencyNumbersOf } from './emergency-numbers.js';
import { sourceWith } from './fixtures/source.js';
import { calledNumberFault, dialledNumber, numberPlanOf } from './numbers.js';
import type { SourceSettings } from './source.js';

function e164(raw: string | null, settings: Partial<SourceSettings> = {}): string | null {
  const number = dialledNumber(raw, numberPlanOf(sourceWith(settings)));
  return number.emergency ? 'emergency' : number.e164;
}

describe('to E.164', () => {
  test.each([
    ['+33612345678', {}, '+33612345678'],
    ['+33 6 12-34.56(78)', {}, '+33612345678'],
    ['sip:+33612345678@192.0.2.1:5060;user=phone', {}, '+33612345678'],
    ['SIPS:%2B33612345678@host', {}, '+33612345678'],
    ['"Ana" <sip:+33612345678@host>;tag=1', {}, '+33612345678'],
    ['tel:+33-6-12345678;phone-context=x', {}, '+33612345678'],
    ['+33612345678@host', {}, '+33612345678'],
    ['0033612345678', { defaultCountry: 'DE' }, '+33612345678'],
    ['01133612345678', { defaultCountry: 'US' }, '+33612345678'],
    ['0011 33 612345678', { defaultCountry: 'AU' }, '+33612345678'],
    ['99933612345678', { defaultCountry: 'FR', internationalPrefixes: ['999'] }, '+33612345678'],
    ['0612345678', { defaultCountry: 'FR' }, '+33612345678'],
    ['0612345678', { defaultCountry: 'IT' }, '+390612345678'],
    ['(415) 555-0132', { defaultCountry: 'US' }, '+14155550132'],
    ['14155550132', { defaultCountry: 'US' }, '+14155550132'],
    ['94155550132', { defaultCountry: 'US', trunkPrefix: '9' }, '+14155550132'],
    ['901133612345678', { defaultCountry: 'US', trunkPrefix: '9' }, '+33612345678'],
    ['33612345678', {}, '+33612345678'],
    ['33612345678', { defaultCountry: 'GB', plainDigits: 'international' }, '+33612345678'],
    ['+6834000', {}, '+6834000'],
  ] as const)('%s %j', (raw, settings, expected) => {
    expect(e164(raw, settings)).toBe(expected);
  });
});

describe('emergency, before any prefix is read', () => {
  test.each([
    ['911', { defaultCountry: 'US' }, 'emergency'],
    ['9911', { defaultCountry: 'US', trunkPrefix: '9' }, 'emergency'],
    ['sip:112@host', { defaultCountry: 'FR' }, 'emergency'],
    ['112', {}, 'emergency'],
    ['000', { defaultCountry: 'AU' }, 'emergency'],
    ['15', { defaultCountry: 'FR' }, 'emergency'],
    ['15', { defaultCountry: 'DE' }, null],
    ['911', { defaultCountry: 'FR' }, null],
    ['+911', { defaultCountry: 'US' }, null],
    ['1123', { defaultCountry: 'FR' }, null],
    ['5555', { emergencyNumbers: ['5555'] }, 'emergency'],
  ] as const)('%s %j → %s', (raw, settings, expected) => {
    expect(e164(raw, settings)).toBe(expected);
  });

  test('a country unknown to the table still has 112', () => {
    expect(emergencyNumbersOf('ZZ')).toEqual(['112']);
    expect(emergencyNumbersOf('constructor')).toEqual(['112']);
  });
});

describe('withheld or unusable', () => {
  test.each([
    null,
    '',
    'anonymous',
    'Restricted',
    'sip:anonymous@anonymous.invalid',
    '0000000000',
    's',
    '*97',
    '+0123456789',
    '+1234567890123456',
    '+123456',
    '++33612345678',
    '1-800-FLOWERS',
    '٣٣٦١٢٣٤٥٦٧٨',
    '<>',
    '9'.repeat(256),
  ])('%s', (raw) => {
    expect(e164(raw, { defaultCountry: 'US' })).toBeNull();
  });
});

test('the number as it came goes along', () => {
  expect(dialledNumber('0612345678', numberPlanOf(sourceWith({ defaultCountry: 'FR' }))).raw).toBe('0612345678');
});

test('the reason of an unusable number shows what is wrong with it, and not the whole of it', () => {
  const plan = numberPlanOf(sourceWith({ defaultCountry: 'FR' }));
  const reasonOf = (raw: string) => calledNumberFault(dialledNumber(raw, plan), plan)?.reason;
  expect(reasonOf('+49301234567890123')).toMatch(/^calledNumber held "\+4930·{11}23"; expected an E\.164 number/);
  expect(reasonOf('voicemail')).toMatch(/held "voicemail"/);
});
