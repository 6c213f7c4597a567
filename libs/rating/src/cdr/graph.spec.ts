// Step CDR, Graph's pstnCallLogRow.
import { describe, expect, test } from '@jest/globals';
import { type Cdr, isCdrRejection } from './cdr.js';
import { graphPage, graphRow } from './fixtures/graph.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseGraphPstn } from './graph.js';
import { parseCdrs } from './recognise.js';

function parse(changes: Readonly<Record<string, unknown>>): Cdr | string {
  const parsed = parseCdrs(bytesOf({ ...graphRow, ...changes }), sourceWith());
  return isCdrRejection(parsed) ? `${parsed.code} ${parsed.field}` : (parsed.cdrs[0] ?? 'no record');
}

test('a whole row: all that the 20 report columns need', () => {
  expect(Object.keys(graphRow)).toHaveLength(23);
  expect(parse({})).toEqual({
    format: 'graph-pstn',
    parserVersion: 1,
    id: graphRow.id,
    callId: graphRow.callId,
    conferenceId: null,
    sessionId: null,
    tenantHints: { accountCode: null, sipDomain: 'acme.example', trunk: null, tenant: null },
    direction: 'outbound',
    callingNumber: '+33140000001',
    calledNumber: '+442079460001',
    category: 'international',
    setupTimeMs: Date.UTC(2026, 2, 2, 9, 0, 8, 258),
    answerTimeMs: Date.UTC(2026, 2, 2, 9, 0, 8, 258),
    endTimeMs: Date.UTC(2026, 2, 2, 9, 3, 47, 258),
    usageMs: 219000,
    switchUsage: '219',
    notBillable: null,
    userId: graphRow.userId,
    userPrincipalName: 'ana@Acme.example',
    userDisplayName: 'Ana Ávila',
    userLocation: 'FR',
    callType: 'user_out',
    numberType: 'Subscriber',
    domesticOrInternational: 'International',
    destinationName: 'United Kingdom',
    capability: 'MCOPSTN2',
    switchCharge: '0.08',
    switchConnectionCharge: '0',
    switchCurrency: 'EUR',
  });
});

test('a page is its rows', () => {
  const parsed = parseCdrs(bytesOf(graphPage), sourceWith());
  expect(isCdrRejection(parsed) ? parsed : parsed.cdrs.map(({ id, userId }) => [id, userId])).toEqual([
    [graphRow.id, graphRow.userId],
    ['7d1f0c52-08a5-4d0e-9b5e-0c5f2d7a3009', null],
  ]);
});

test('an empty page is no record, a page that is none is malformed', () => {
  expect(parseGraphPstn(bytesOf({ value: [] }))).toEqual({ cdrs: [] });
  expect(parseGraphPstn(bytesOf({ value: 'x' }))).toMatchObject({ code: 'cdr-malformed' });
});

describe('call types', () => {
  test.each([
    ['user_in', 'Subscriber', 'inbound', null],
    ['ucap_in', 'TollFree', 'inbound', 'toll-free-inbound'],
    ['conf_out', 'Service', 'outbound', 'conference-dial-out'],
    ['user_out_conf', 'Subscriber', 'outbound', 'international'],
    ['somethingElse', 'Subscriber', null, null],
  ])('%s', (callType, inventoryType, direction, category) => {
    expect(parse({ callType, inventoryType })).toMatchObject({ direction, category });
  });
});

describe('traps', () => {
  test.each([
    ['0 seconds', { duration: 0 }, { notBillable: 'unanswered', usageMs: 0, answerTimeMs: null }],
    ['the operator’s own duration', { duration: 230, callDurationSource: 'operator' }, { usageMs: 230000 }],
    ['withheld', { callerNumber: null }, { callingNumber: null }],
    ['a bot', { userId: '', userPrincipalName: null }, { userId: null, tenantHints: { sipDomain: null } }],
  ])('%s', (_name, changes, expected) => {
    expect(parse(changes)).toMatchObject(expected);
  });

  test.each([
    ['no id', { id: null }, 'cdr-field-missing id'],
    ['no duration', { duration: null }, 'cdr-field-missing duration'],
    ['a negative duration', { duration: -1 }, 'cdr-field-invalid duration'],
    ['no callee', { calleeNumber: '' }, 'cdr-field-missing calleeNumber'],
    ['end before start', { endDateTime: '2026-03-02T09:00:08.257Z' }, 'cdr-field-invalid endDateTime'],
    ['a charge beyond reason', { charge: 1e21 }, 'cdr-field-invalid charge'],
  ])('%s', (_name, changes, expected) => {
    expect(parse(changes)).toBe(expected);
  });
});
