// Step CDR, Cisco CUCM: files with names and types in their first two lines, and rows that are no call to bill.
import { expect, test } from '@jest/globals';
import { type Cdr, isCdrRejection } from './cdr.js';
import { ciscoFile } from './fixtures/cisco.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';
import { splitCdrs } from './split.js';

function parse(file: string, trunks: readonly string[] = []): readonly Cdr[] | string {
  const parsed = parseCdrs(bytesOf(file), sourceWith({ trunks }));
  return isCdrRejection(parsed) ? `${parsed.code}: ${parsed.reason}` : parsed.cdrs;
}

test('a row is a CDR of whole seconds; the line of types is none', () => {
  expect(parse(ciscoFile({}))).toMatchObject([
    {
      format: 'cisco-cucm-csv',
      id: '4d9d1d0e-2f3e-4c62-9c53-5a8f5a1f0001',
      callId: '1-5001',
      callingNumber: '+33144556677',
      calledNumber: '+4930123456',
      tenantHints: { accountCode: 'acme-main', trunk: 'SIP-Trunk-Carrier' },
      setupTimeMs: 1772442001000,
      answerTimeMs: 1772442008000,
      endTimeMs: 1772442075000,
      usageMs: 67000,
      switchUsage: '67',
      userId: 'ana',
      notBillable: null,
    },
  ]);
});

test('without a pkid the legs name the record', () => {
  expect(parse(ciscoFile({ pkid: '' }))).toMatchObject([{ id: 'Paris-1-5001-111-112' }]);
});

test('a connect time of 0 was never answered; quality records are no calls; a start record is put aside', () => {
  expect(parse(ciscoFile({ dateTimeConnect: 0, duration: 0 }))).toMatchObject([
    { notBillable: 'unanswered', answerTimeMs: null },
  ]);
  expect(parse(ciscoFile({ cdrRecordType: 2 }))).toEqual([]);
  expect(parse(ciscoFile({ cdrRecordType: 0 }))).toMatch(/^cdr-interim: line 3: /);
});

test('the trunks tell direction, and internal calls', () => {
  const trunks = ['SIP-Trunk-Carrier'];
  const [out, into, internal] = parse(
    ciscoFile(
      { pkid: 'a' },
      { pkid: 'b', origDeviceName: 'SIP-Trunk-Carrier', destDeviceName: 'SEP1' },
      { pkid: 'c', destDeviceName: 'SEP1' },
    ),
    trunks,
  ) as readonly Cdr[];
  expect([out?.direction, into?.direction, internal?.notBillable]).toEqual(['outbound', 'inbound', 'internal-leg']);
});

test('a row that does not fit its header, and rows without one, are refused with their line', () => {
  expect(parse(`${ciscoFile({})}1,2,3\n`)).toMatch(/^cdr-malformed: line 4: the row has 3 cells/);
  expect(parse(ciscoFile({}).split('\n').slice(2).join('\n'))).toMatch(/^cdr-unknown-format/);
});

test('a file falls into records that each carry the header', async () => {
  const records: (readonly Cdr[] | string)[] = [];
  for await (const record of splitCdrs([bytesOf(ciscoFile({ pkid: 'a' }, { pkid: 'b' }))])) {
    if ('bytes' in record) records.push(parse(new TextDecoder().decode(record.bytes)));
  }
  expect(records).toMatchObject([[], [{ id: 'a' }], [{ id: 'b' }]]);
});
