// Step CDR, FreeSWITCH: both transports, URL-encoding, legs, and what bills.
import { describe, expect, test } from '@jest/globals';
import { type Cdr, isCdrRejection } from './cdr.js';
import { fingerprintOf } from './fingerprint.js';
import { A_UUID, B_UUID, freeswitchAEvent, freeswitchALeg, freeswitchBEvent, freeswitchBLeg } from './fixtures/freeswitch.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';
import type { SourceSettings } from './source.js';

function parse(value: unknown, settings: Partial<SourceSettings> = {}): Cdr | string {
  const parsed = parseCdrs(bytesOf(value), sourceWith(settings));
  return isCdrRejection(parsed) ? `${parsed.code} ${parsed.field}` : (parsed.cdrs[0] ?? 'no record');
}

const aLeg = {
  id: A_UUID,
  callId: A_UUID,
  sessionId: null,
  tenantHints: { accountCode: 'acme-main', sipDomain: 'acme.example', trunk: null, tenant: null },
  callingNumber: '+33140000001',
  calledNumber: '00442079460001',
  setupTimeMs: 1772442000534,
  answerTimeMs: 1772442003954,
  endTimeMs: 1772442071494,
  usageMs: 67540,
  switchUsage: '68',
  notBillable: null,
  userPrincipalName: '1001@Acme.example',
  userDisplayName: 'Ana "Desk" Ávila',
};

describe('the A-leg', () => {
  test.each([
    ['URL-encoded', freeswitchALeg(true), 'freeswitch-json'],
    ['plain', freeswitchALeg(false), 'freeswitch-json'],
    ['an event', freeswitchAEvent(), 'freeswitch-event'],
  ])('%s: 67.54 s, which billsec calls 68', (_name, leg, format) => {
    expect(parse(leg)).toMatchObject({ ...aLeg, format });
  });

  test('posted as a form', () => {
    const json = JSON.stringify(freeswitchALeg(false));
    expect(parse(`cdr=${encodeURIComponent(json)}`)).toMatchObject(aLeg);
    expect(parse(`cdr=${Buffer.from(json).toString('base64')}`)).toMatchObject(aLeg);
  });

  test('posted twice encoded, the quotes in values spoil the JSON: the reason says what to set', () => {
    const body = JSON.stringify(freeswitchALeg(true)).replaceAll('"', '%22').replaceAll('{', '%7B');
    const parsed = parseCdrs(bytesOf(`cdr=${body}`), sourceWith());
    expect(parsed).toMatchObject({ code: 'cdr-malformed', reason: expect.stringMatching(/set encode or encode-values/) });
  });

  test('has one fingerprint however it came', () => {
    const prints = [freeswitchALeg(true), freeswitchALeg(false), freeswitchAEvent()].map((leg) => {
      const cdr = parse(leg);
      return typeof cdr === 'string' ? cdr : fingerprintOf(cdr);
    });
    expect(new Set(prints).size).toBe(1);
  });

  test('keeps a percent sign that encodes nothing', () => {
    expect(parse(freeswitchALeg(false, { accountcode: '100%' }))).toMatchObject({ tenantHints: { accountCode: '100%' } });
  });
});

describe('which leg bills', () => {
  test.each([
    ['A-leg', freeswitchALeg(true), 'a', null],
    ['B-leg', freeswitchBLeg(), 'a', 'b-leg'],
    ['B-leg event', freeswitchBEvent(), 'a', 'b-leg'],
    ['A-leg where B bills', freeswitchALeg(true), 'b', 'a-leg'],
    ['B-leg where B bills', freeswitchBLeg(), 'b', null],
    ['loopback half', freeswitchALeg(true, { loopback_leg: 'B' }), 'a', 'internal-leg'],
    ['loopback half by its name', { ...freeswitchAEvent(), 'Channel-Name': 'loopback/00442079460001-a' }, 'a', 'internal-leg'],
    ['extension to extension', freeswitchALeg(true, { call_direction: 'local' }), 'a', 'internal-leg'],
    ['unanswered', freeswitchALeg(true, { answer_uepoch: '0', billsec: '0' }), 'a', 'unanswered'],
    ['unanswered B-leg', freeswitchBLeg({ answer_uepoch: '0' }), 'a', 'b-leg'],
  ] as const)('%s', (_name, leg, billsLeg, notBillable) => {
    expect(parse(leg, { billsLeg })).toMatchObject({ notBillable });
  });

  test('both legs name one call', () => {
    expect(parse(freeswitchBLeg())).toMatchObject({ id: B_UUID, callId: A_UUID, tenantHints: { trunk: 'carrier' } });
  });
});

describe('direction, as the tenant sees it', () => {
  test.each([
    ['nothing known: not the channel’s own inbound', {}, {}, null],
    ['said by the dialplan', { call_direction: 'inbound' }, {}, 'inbound'],
    ['a carrier’s context', {}, { trunkContexts: ['default'] }, 'inbound'],
    ['a carrier’s gateway', { sip_gateway: 'carrier' }, { trunks: ['carrier'] }, 'inbound'],
    ['another context', {}, { trunkContexts: ['public'] }, 'outbound'],
  ])('%s', (_name, variables, settings, direction) => {
    expect(parse(freeswitchALeg(true, variables), settings)).toMatchObject({ direction });
  });
});

test('the dialplan names tenant, category, trunk and session; session_id is the switch’s counter', () => {
  const variables = {
    tollkeeper_tenant: 'acme',
    tollkeeper_category: 'premium',
    tollkeeper_session_id: 's-1',
    tollkeeper_trunk: 't-1',
  };
  expect(parse(freeswitchALeg(true, variables))).toMatchObject({
    tenantHints: { tenant: 'acme', trunk: 't-1' },
    category: 'premium',
    sessionId: 's-1',
  });
});

describe('refused', () => {
  test.each([
    ['no variables', { callflow: [] }, 'cdr-field-missing variables'],
    ['no callflow', { ...freeswitchALeg(true), callflow: [] }, 'cdr-field-missing callflow[0].caller_profile'],
    ['no uuid', freeswitchALeg(true, { uuid: '' }), 'cdr-field-missing variables.uuid'],
    ['no end', freeswitchALeg(true, { end_uepoch: '' }), 'cdr-field-missing variables.end_uepoch'],
    ['an end that never was', freeswitchALeg(true, { end_uepoch: '0' }), 'cdr-field-invalid variables.end_uepoch'],
    ['end before answer', freeswitchALeg(true, { end_uepoch: '1772442003953999' }), 'cdr-field-invalid variables.end_uepoch'],
    ['a time in words', freeswitchALeg(true, { answer_uepoch: 'soon' }), 'cdr-field-invalid variables.answer_uepoch'],
    ['a negative time', freeswitchALeg(true, { answer_uepoch: '-1' }), 'cdr-field-invalid variables.answer_uepoch'],
    [
      'seconds for microseconds',
      freeswitchALeg(true, { start_uepoch: '1772442000' }),
      'cdr-field-invalid variables.start_uepoch',
    ],
    ['a month of talk', freeswitchALeg(true, { end_uepoch: '1776442071494269' }), 'cdr-field-invalid variables.end_uepoch'],
    ['an encoded line break', freeswitchALeg(true, { accountcode: 'a\nb' }), 'cdr-field-invalid variables.accountcode'],
    ['an event without uuid', { 'Event-Name': 'CHANNEL_HANGUP_COMPLETE' }, 'cdr-field-missing variable_uuid'],
  ])('%s', (_name, value, expected) => {
    expect(parse(value)).toBe(expected);
  });

  test('another event is no CDR and no rejection', () => {
    expect(parse({ 'Event-Name': 'HEARTBEAT', 'Core-UUID': 'x' })).toBe('no record');
  });
});
