// Step CDR, all of it: from bytes to what rating needs.
import { describe, expect, test } from '@jest/globals';
import { isCdrRejection } from './cdr.js';
import { canonicalRecord } from './fixtures/canonical.js';
import { freeswitchALeg, freeswitchBLeg } from './fixtures/freeswitch.js';
import { bytesOf } from './fixtures/source.js';
import { compileIntake, type Intake, type PreparedCdr, readCdrs } from './intake.js';
import { parseSources } from './source.js';

function intakeOf(json: unknown): Intake {
  const parsed = parseSources(json);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const compiled = compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.intake;
}

const intake = intakeOf([
  {
    name: 'fs-1',
    topics: ['fs'],
    defaultCountry: 'FR',
    mapping: [{ id: 'acme', match: { accountCode: 'acme-main' }, tenant: 'acme' }],
  },
  { name: 'own', topics: ['cdr'], format: 'canonical-json', trustTenantField: true },
]);

function read(topic: string, value: unknown): PreparedCdr | string {
  const source = intake.sourceByTopic.get(topic);
  if (source === undefined) throw new Error(`no source for ${topic}`);
  const parsed = readCdrs(bytesOf(value), source, intake);
  return isCdrRejection(parsed) ? parsed.code : (parsed.prepared[0] ?? 'no record');
}

test('a FreeSWITCH call becomes E.164, with its tenant and the rule that named it', () => {
  expect(read('fs', freeswitchALeg(true))).toMatchObject({
    source: 'fs-1',
    tenant: 'acme',
    mappingRule: 'acme',
    calling: { e164: '+33140000001' },
    called: { e164: '+442079460001', emergency: false, raw: '00442079460001' },
    fingerprint: expect.stringMatching(/^f1:[0-9a-f]{32}$/),
  });
});

test('the canonical tenant field, where it is trusted', () => {
  expect(read('cdr', canonicalRecord)).toMatchObject({ tenant: 'acme', mappingRule: 'field:tenant' });
});

describe('numbers that are not E.164', () => {
  test.each([
    ['withheld calling', { callingNumber: 'anonymous' }, { calling: { e164: null, raw: 'anonymous' } }],
    ['emergency called', { calledNumber: '112' }, { called: { e164: null, emergency: true } }],
  ])('%s is accepted', (_name, changes, expected) => {
    expect(read('cdr', { ...canonicalRecord, ...changes })).toMatchObject(expected);
  });

  test('an unusable called number rejects what bills, and nothing else', () => {
    const extension = { ...canonicalRecord, calledNumber: 's' };
    expect(read('cdr', extension)).toBe('called-number-unusable');
    expect(read('cdr', { ...extension, notBillable: 'internal-leg' })).toMatchObject({ called: { e164: null } });
  });
});

test('a leg that does not bill needs no tenant', () => {
  expect(read('fs', freeswitchBLeg({ accountcode: '' }))).toMatchObject({ tenant: null, mappingRule: null });
  expect(read('fs', freeswitchALeg(true, { accountcode: '' }))).toBe('unknown-tenant');
});

test('rules of two sources and of none that overlap are faults', () => {
  const rule = { source: 'own', match: { trunk: 't' }, tenant: 'x', validFromMs: -Infinity, validToMs: Infinity };
  const compiled = compileIntake(
    [...intake.sources.values()],
    [
      { ...rule, id: 'a' },
      { ...rule, id: 'b' },
    ],
  );
  expect(compiled).toMatchObject({ faults: [{ path: 'mapping', message: expect.stringMatching(/rules a and b/) }] });
});
