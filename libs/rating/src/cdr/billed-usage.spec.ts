// Step CDR, billable time: what each switch says of the same call of 67.54 s, and what bills by the setting of its source.
import { expect, test } from '@jest/globals';
import { isCdrRejection } from './cdr.js';
import { lowerCaseJson } from './fixtures/asterisk.js';
import { canonicalRecord } from './fixtures/canonical.js';
import { ciscoFile } from './fixtures/cisco.js';
import { freeswitchALeg } from './fixtures/freeswitch.js';
import { graphRow } from './fixtures/graph.js';
import { kamailioCdrRecord, opensipsCdrEvent } from './fixtures/proxies.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { compileIntake, prepareCdr } from './intake.js';
import { parseCdrs } from './recognise.js';
import type { SourceSettings } from './source.js';

const legA = freeswitchALeg(true) as { variables: Record<string, string> };
const freeswitch = {
  ...legA,
  variables: {
    ...legA.variables,
    answer_uepoch: '1772442008460000',
    end_uepoch: '1772442076000000',
    start_uepoch: '1772442001000000',
    billsec: '68',
  },
};
const asterisk = {
  ...lowerCaseJson,
  billsec: 67,
  answer: '2026-03-02 09:00:08',
  start: '2026-03-02 09:00:01',
  end: '2026-03-02 09:01:15',
};
const canonical = {
  ...canonicalRecord,
  usageMs: 67540,
  answerTime: '2026-03-02T09:00:08Z',
  setupTime: null,
  endTime: '2026-03-02T09:01:15.540Z',
  switchUsage: 'about a minute',
};
const graph = { ...graphRow, duration: 68 };

/** Milliseconds by the exact figure, and by the switch's own. */
test.each<[string, unknown, number, number]>([
  ['FreeSWITCH subtracts truncated seconds: 67.54 s is 68', freeswitch, 67540, 68000],
  ['Asterisk floors, and keeps no milliseconds', asterisk, 67000, 67000],
  ['OpenSIPS takes the ceiling', opensipsCdrEvent, 67540, 68000],
  ['Kamailio writes "67.540"', kamailioCdrRecord, 67540, 67540],
  ['Cisco keeps whole seconds', ciscoFile({}), 67000, 67000],
  ['Graph keeps whole seconds', graph, 68000, 68000],
  ['canonical: a figure that is no number leaves the milliseconds', canonical, 67540, 67540],
])('%s', (_, record, exactMs, switchMs) => {
  expect(usageOf(record, 'milliseconds')).toMatchObject({ usageMs: exactMs });
  expect(usageOf(record, 'switch')).toMatchObject({ usageMs: switchMs });
  expect(usageOf(record, 'switch').fingerprint).toBe(usageOf(record, 'milliseconds').fingerprint);
});

function usageOf(record: unknown, billedUsage: SourceSettings['billedUsage']) {
  const source = sourceWith({ billedUsage, defaultCountry: 'FR', mapping: [] });
  const compiled = compileIntake([source]);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  const parsed = parseCdrs(bytesOf(record), source);
  if (isCdrRejection(parsed)) throw new Error(parsed.reason);
  const [cdr] = parsed.cdrs;
  if (cdr === undefined) throw new Error('no record');
  // A CDR that does not bill needs no tenant; which figure counts is the same.
  const prepared = prepareCdr({ ...cdr, notBillable: 'a-leg' }, source, compiled.intake);
  if (isCdrRejection(prepared)) throw new Error(prepared.reason);
  return { usageMs: prepared.cdr.usageMs, fingerprint: prepared.fingerprint };
}
