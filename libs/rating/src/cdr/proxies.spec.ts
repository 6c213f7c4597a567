// Step CDR, OpenSIPS and Kamailio: a CDR bills, a transaction is put aside, a refused INVITE was never answered.
import { describe, expect, test } from '@jest/globals';
import { type Cdr, isCdrRejection } from './cdr.js';
import { kamailioCdrRecord, kamailioTransaction, opensipsCdrEvent } from './fixtures/proxies.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';

function parse(record: unknown, timezone = 'UTC'): Cdr | string {
  const parsed = parseCdrs(bytesOf(record), sourceWith({ timezone }));
  return isCdrRejection(parsed) ? `${parsed.code} ${parsed.field}` : (parsed.cdrs[0] ?? 'no record');
}

const opensips = (params: object, method = 'E_ACC_CDR') =>
  parse({ ...opensipsCdrEvent, method, params: { ...opensipsCdrEvent.params, ...params } });

describe('OpenSIPS', () => {
  test('an E_ACC_CDR is a CDR to the millisecond, with the seconds as the switch rounded them', () => {
    expect(opensips({})).toMatchObject({
      format: 'opensips-event',
      id: 'ODVkMDI2Mzc2MDY5N2Ez@10.0.0.7;eb082607;4ea9687f',
      callId: 'ODVkMDI2Mzc2MDY5N2Ez@10.0.0.7',
      sessionId: 'auth-77',
      tenantHints: { accountCode: 'acme-main' },
      callingNumber: '+33144556677',
      calledNumber: 'sip:+4930123456@carrier.example',
      setupTimeMs: 1772442001000,
      answerTimeMs: 1772442008000,
      endTimeMs: 1772442075540,
      usageMs: 67540,
      switchUsage: '68',
      notBillable: null,
    });
  });

  test('texts for numbers, parameters as a list, and a version without milliseconds read the same', () => {
    const texts = Object.fromEntries(Object.entries(opensipsCdrEvent.params).map(([name, value]) => [name, String(value)]));
    expect(opensips(texts)).toEqual(opensips({}));
    const list = Object.entries(opensipsCdrEvent.params).map(([name, value]) => ({ name, value }));
    expect(parse({ ...opensipsCdrEvent, params: list })).toEqual(opensips({}));
    expect(opensips({ ms_duration: undefined })).toMatchObject({ usageMs: 68000, switchUsage: '68' });
    expect(opensips({ time: undefined })).toMatchObject({ answerTimeMs: 1772442008000 });
  });

  test('a transaction is put aside; a refused INVITE and a missed call were never answered; other events are no CDR', () => {
    expect(opensips({}, 'E_ACC_EVENT')).toBe('cdr-interim null');
    expect(opensips({ method: 'BYE' }, 'E_ACC_EVENT')).toBe('cdr-interim null');
    expect(opensips({ sip_code: '486' }, 'E_ACC_EVENT')).toMatchObject({ notBillable: 'unanswered', usageMs: 0 });
    expect(opensips({ sip_code: '408' }, 'E_ACC_MISSED_EVENT')).toMatchObject({ notBillable: 'unanswered', answerTimeMs: null });
    expect(opensips({}, 'E_UL_AOR_INSERT')).toBe('no record');
  });

  test.each([
    [{ callid: '' }, 'cdr-field-missing params.callid'],
    [{ dst_user: undefined }, 'cdr-field-missing params.dst_ouser'],
    [{ ms_duration: undefined, duration: undefined }, 'cdr-field-missing params.duration'],
    [{ ms_duration: -1 }, 'cdr-field-invalid params.ms_duration'],
    [{ time: 'yesterday' }, 'cdr-field-invalid params.time'],
  ])('%j is refused', (params, expected) => {
    expect(opensips(params)).toBe(expected);
  });
});

describe('Kamailio', () => {
  test('a CDR of texts, seconds with a fraction', () => {
    expect(parse(kamailioCdrRecord)).toMatchObject({
      format: 'kamailio-acc-json',
      id: 'a84b4c76e66710@pc33.example;1928301774;a6c85cf',
      calledNumber: '+4930123456',
      answerTimeMs: 1772442008120,
      endTimeMs: 1772442075660,
      usageMs: 67540,
      switchUsage: '67.540',
      notBillable: null,
    });
  });

  test('a transaction is put aside; a refused INVITE was never answered, at a time of the source’s zone', () => {
    expect(parse(kamailioTransaction)).toBe('cdr-interim null');
    const refused = parse({ ...kamailioTransaction, sip_code: '486' }, 'Europe/Paris');
    expect(refused).toMatchObject({ notBillable: 'unanswered', setupTimeMs: Date.UTC(2026, 2, 2, 9, 0, 8) });
  });

  test.each([
    [{ duration: '' }, 'cdr-field-missing duration'],
    [{ duration: '12,345' }, 'cdr-field-invalid duration'],
    [{ start_time: undefined }, 'cdr-field-missing start_time'],
    [{ end_time: '1772442000.000' }, 'cdr-field-invalid end_time'],
  ])('%j is refused', (change, expected) => {
    expect(parse({ ...kamailioCdrRecord, ...change })).toBe(expected);
  });
});
