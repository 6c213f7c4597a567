// Step CDR, Asterisk: every column variant of Master.csv, both JSON dialects, zones, and the trunk leg.
import { describe, expect, test } from '@jest/globals';
import { columnsOf } from './asterisk-csv.js';
import { type Cdr, isCdrRejection } from './cdr.js';
import { CSV_TAILS, customCsv, lowerCaseJson, masterCsv, pascalCaseJson } from './fixtures/asterisk.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';
import type { SourceSettings } from './source.js';

function parse(value: unknown, settings: Partial<SourceSettings> = {}): Cdr | string {
  const parsed = parseCdrs(bytesOf(value), sourceWith(settings));
  return isCdrRejection(parsed) ? `${parsed.code} ${parsed.field} ${parsed.reason}` : (parsed.cdrs[0] ?? 'no record');
}

const CHANNEL_ID = 'PJSIP/acme-0000001a/PJSIP/carrier-a-0000001b/2026-03-02 09:00:00';
const UNIQUE_ID = '1772442000.17/PJSIP/carrier-a-0000001b/2026-03-02 09:00:00';

const call = {
  callingNumber: '1001',
  calledNumber: '00442079460001',
  setupTimeMs: Date.UTC(2026, 2, 2, 9),
  answerTimeMs: Date.UTC(2026, 2, 2, 9, 0, 4),
  endTimeMs: Date.UTC(2026, 2, 2, 9, 1, 11),
  usageMs: 67000,
  switchUsage: '67',
  notBillable: null,
};

describe('Master.csv', () => {
  test.each([
    ['none', CHANNEL_ID, null],
    ['loguniqueid', UNIQUE_ID, '1772442000.17'],
    ['loguserfield', CHANNEL_ID, null],
    ['both', UNIQUE_ID, '1772442000.17'],
    ['newcdrcolumns', '1772441999.16:42', '1772441999.16'],
    ['loguniqueid newcdrcolumns', '1772442000.17:42', '1772441999.16'],
    ['loguserfield newcdrcolumns', '1772441999.16:42', '1772441999.16'],
    ['both newcdrcolumns', '1772442000.17:42', '1772441999.16'],
  ] as const)('with %s', (tail, id, callId) => {
    const tenantHints = { accountCode: 'acme-main', sipDomain: null, trunk: 'PJSIP/acme', tenant: null };
    expect(parse(masterCsv(tail))).toMatchObject({ ...call, format: 'asterisk-csv', id, callId, tenantHints });
  });

  test('undoubles quotes', () => {
    const quoted = masterCsv('none', { 1: '"""Ana"" <1001>"' });
    expect(parse(quoted)).toMatchObject({ callingNumber: '"Ana" <1001>' });
  });

  test('as cdr_custom writes it', () => {
    expect(parse(customCsv())).toMatchObject({ ...call, id: '1772442000.17:42' });
  });

  test('with billsec in fractions', () => {
    expect(parse(customCsv('"67.541000"'))).toMatchObject({ usageMs: 67541, switchUsage: '67.541000' });
  });

  test('under a header, in any order', () => {
    const text = 'Calldate,Channel,DstChannel,Src,Dst,Disposition,Billsec,Answer,UniqueID,Sequence\r\n';
    const row = '2026-03-02 09:00:00,PJSIP/a-1,PJSIP/b-2,1,2,ANSWERED,5,2026-03-02 09:00:01,1772442000.17,3\r\n';
    expect(parse(text + row)).toMatchObject({ id: '1772442000.17:3', usageMs: 5000, endTimeMs: Date.UTC(2026, 2, 2, 9, 0, 6) });
  });

  test('by the columns of the source', () => {
    const csvColumns = ['start', 'answer', 'end', 'billsec', 'disposition', 'channel', 'src', 'dst', 'uniqueid', 'sequence'];
    const row = '2026-03-02 09:00:00,2026-03-02 09:00:04,2026-03-02 09:01:11,67,ANSWERED,PJSIP/a-1,1001,00442079460001,9.1,2\n';
    expect(parse(row, { csvColumns })).toMatchObject({ ...call, id: '9.1:2' });
  });

  test('with several rows is as many CDRs', () => {
    const parsed = parseCdrs(bytesOf(masterCsv('both') + masterCsv('none')), sourceWith());
    expect(isCdrRejection(parsed) ? parsed : parsed.cdrs.map(({ id }) => id)).toEqual([UNIQUE_ID, CHANNEL_ID]);
  });

  test('of 15 or 22 cells is not its layout', () => {
    const cells = masterCsv('both newcdrcolumns').trim().split(',');
    expect(columnsOf(cells.slice(0, 15))).toBeNull();
    expect(columnsOf([...Array<string>(14).fill(''), 'ANSWERED', ...Array<string>(7).fill('')])).toBeNull();
  });

  test('every variant is told apart', () => {
    expect(Object.keys(CSV_TAILS)).toHaveLength(8);
  });
});

describe('JSON', () => {
  test('lower case, offsets without a colon, milliseconds that billsec floors', () => {
    expect(parse(lowerCaseJson)).toMatchObject({
      format: 'asterisk-json',
      id: '1772441999.16:42',
      callId: '1772441999.16',
      setupTimeMs: Date.UTC(2026, 2, 2, 9, 0, 0, 534),
      answerTimeMs: Date.UTC(2026, 2, 2, 9, 0, 3, 954),
      usageMs: 67540,
      switchUsage: '67',
    });
  });

  test('lower case with whole seconds keeps billsec: the times are truncated one by one', () => {
    const whole = { ...lowerCaseJson, answer: '2026-03-02T06:00:03.000-0300', end: '2026-03-02T06:01:11.000-0300' };
    expect(parse(whole)).toMatchObject({ usageMs: 67000 });
  });

  test('PascalCase', () => {
    expect(parse(pascalCaseJson)).toMatchObject({ ...call, id: UNIQUE_ID, callId: '1772442000.17' });
  });

  test('PascalCase by AMI’s names, epoch seconds, a numeric disposition and extension', () => {
    const { Billsec: _, ...rest } = pascalCaseJson;
    const ami = {
      ...rest,
      BillableSeconds: '67',
      StartTime: 1772442000,
      Disposition: 8,
      Source: 1001,
      LinkedID: '9.9',
      Sequence: 0,
    };
    expect(parse(ami)).toMatchObject({ ...call, callId: '9.9', id: '1772442000.17:0' });
  });
});

describe('times without an offset', () => {
  const at = (start: string, answer: string, end: string): string =>
    masterCsv('both', { 9: `"${start}"`, 10: `"${answer}"`, 11: `"${end}"` });
  test.each([
    ['winter', '2026-01-15 10:00:00', 'America/Sao_Paulo', Date.UTC(2026, 0, 15, 13)],
    ['summer', '2026-07-15 10:00:00', 'Europe/Paris', Date.UTC(2026, 6, 15, 8)],
    ['half an hour', '2026-07-15 10:00:00', 'Asia/Kolkata', Date.UTC(2026, 6, 15, 4, 30)],
    ['the repeated hour, first reading', '2026-10-25 02:30:00', 'Europe/Paris', Date.UTC(2026, 9, 25, 0, 30)],
    ['the skipped hour', '2026-03-29 02:30:00', 'Europe/Paris', Date.UTC(2026, 2, 29, 1, 30)],
  ])('%s', (_name, start, timezone, expected) => {
    expect(parse(at(start, start, start), { timezone })).toMatchObject({ setupTimeMs: expected });
  });

  test('a call over the autumn change does not end before its answer', () => {
    const over = at('2026-10-25 02:58:00', '2026-10-25 02:58:30', '2026-10-25 02:01:00');
    expect(parse(over, { timezone: 'Europe/Paris' })).toMatchObject({
      answerTimeMs: Date.UTC(2026, 9, 25, 0, 58, 30),
      endTimeMs: Date.UTC(2026, 9, 25, 1, 1),
    });
  });
});

describe('the legs of one call', () => {
  const trunk = { trunks: ['PJSIP/carrier-a'] };
  const local = { ...lowerCaseJson, dstchannel: 'Local/00442079460001@out-00000003;1' };
  const localHalf = { ...lowerCaseJson, channel: 'Local/00442079460001@out-00000003;2', sequence: 43 };
  const inbound = {
    ...lowerCaseJson,
    channel: 'PJSIP/carrier-a-0000002a',
    dstchannel: 'PJSIP/acme-0000002b',
    peeraccount: 'acme-2',
  };
  test.each([
    ['to the trunk', lowerCaseJson, trunk, null, 'outbound', 'PJSIP/acme'],
    ['by the bare name', lowerCaseJson, { trunks: ['carrier-a'] }, null, 'outbound', 'PJSIP/acme'],
    ['not by a longer name', lowerCaseJson, { trunks: ['PJSIP/carrier'] }, 'internal-leg', null, 'PJSIP/acme'],
    ['into a Local channel', local, trunk, 'internal-leg', null, 'PJSIP/acme'],
    ['out of a Local channel', localHalf, trunk, null, 'outbound', 'PJSIP/carrier-a'],
    ['into a Local channel, no trunks set', local, {}, 'internal-leg', null, 'PJSIP/acme'],
    ['out of it, no trunks set', localHalf, {}, null, null, 'PJSIP/carrier-a'],
    ['from the trunk', inbound, trunk, null, 'inbound', 'PJSIP/acme'],
    ['from a trunk’s context', inbound, { trunkContexts: ['from-internal'] }, null, 'inbound', 'PJSIP/acme'],
    [
      'a Local channel in a trunk’s context, whose other half bills',
      { ...localHalf, dstchannel: 'PJSIP/1002-0000001c' },
      { trunkContexts: ['from-internal'] },
      'internal-leg',
      null,
      'Local/00442079460001@out',
    ],
    ['between extensions', { ...lowerCaseJson, dstchannel: 'PJSIP/1002-0000001c' }, trunk, 'internal-leg', null, 'PJSIP/acme'],
    [
      'busy on the trunk',
      { ...lowerCaseJson, disposition: 'BUSY', answer: '', billsec: 0 },
      trunk,
      'unanswered',
      'outbound',
      'PJSIP/acme',
    ],
  ])('%s', (_name, record, settings, notBillable, direction, peer) => {
    expect(parse(record, settings)).toMatchObject({ notBillable, direction, tenantHints: { trunk: peer } });
  });

  test('the called side’s account pays an inbound call', () => {
    expect(parse(inbound, trunk)).toMatchObject({ tenantHints: { accountCode: 'acme-2' } });
    expect(parse(inbound)).toMatchObject({ tenantHints: { accountCode: 'acme-main' } });
  });

  test('a ring group’s CDRs of one uniqueid have ids of their own', () => {
    const second = { ...pascalCaseJson, DestinationChannel: 'PJSIP/1003-0000001d', Disposition: 'NO ANSWER' };
    expect(parse(second)).toMatchObject({ id: '1772442000.17/PJSIP/1003-0000001d/2026-03-02 09:00:00' });
  });
});

describe('refused', () => {
  test.each([
    ['a negative billsec', masterCsv('both', { 13: '-1' }), /^cdr-field-invalid billsec line 1: billsec held "-1"/],
    ['answered without answer', masterCsv('both', { 10: '' }), /^cdr-field-missing answer/],
    ['answered without billsec', { ...lowerCaseJson, billsec: null }, /^cdr-field-missing billsec/],
    ['no start', masterCsv('both', { 9: '' }), /^cdr-field-missing start/],
    ['end before answer', masterCsv('both', { 11: '"2026-03-02 09:00:03"' }), /^cdr-field-invalid end/],
    ['13th month', masterCsv('both', { 9: '"2026-13-02 09:00:00"' }), /^cdr-field-invalid start/],
    ['year 9999', masterCsv('both', { 11: '"9999-01-01 00:00:00"' }), /^cdr-field-invalid end/],
    ['no destination', { ...pascalCaseJson, Destination: '' }, /^cdr-field-missing Destination/],
    ['no channel', { ...lowerCaseJson, channel: '' }, /^cdr-field-missing channel/],
    ['a disposition unheard of', { ...lowerCaseJson, disposition: 'MAYBE' }, /^cdr-field-invalid disposition/],
  ])('%s', (_name, value, expected) => {
    expect(parse(value)).toMatch(expected);
  });
});
