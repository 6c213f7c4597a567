// Step CDR, fuzz: whatever the bytes, reading never throws and ends in CDRs that keep their bounds, or in a coded rejection.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CdrParse,
  CDR_FORMATS,
  CDR_REJECTION_CODES,
  isCdrRejection,
  MAX_INSTANT_MS,
  MAX_TEXT_CHARS,
  MAX_USAGE_MS,
  MIN_INSTANT_MS,
} from './cdr.js';
import { customCsv, lowerCaseJson, masterCsv, pascalCaseJson } from './fixtures/asterisk.js';
import { canonicalCsv, canonicalRecord } from './fixtures/canonical.js';
import { freeswitchAEvent, freeswitchALeg, freeswitchBLeg } from './fixtures/freeswitch.js';
import { graphPage, graphRow } from './fixtures/graph.js';
import { ciscoFile } from './fixtures/cisco.js';
import { kamailioCdrRecord, kamailioTransaction, opensipsCdrEvent } from './fixtures/proxies.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { compileIntake, readCdrs } from './intake.js';
import { parseCdrs } from './recognise.js';

function expectSound(parsed: CdrParse): void {
  if (isCdrRejection(parsed)) {
    expect(CDR_REJECTION_CODES).toContain(parsed.code);
    expect(parsed.reason.length).toBeLessThan(600);
    expect(parsed.reason.isWellFormed()).toBe(true);
    return;
  }
  for (const cdr of parsed.cdrs) {
    expect(cdr.id.length).toBeGreaterThan(0);
    expect(cdr.usageMs >= 0 && cdr.usageMs <= MAX_USAGE_MS).toBe(true);
    for (const time of [cdr.setupTimeMs, cdr.answerTimeMs, cdr.endTimeMs]) {
      expect(time === null || (time >= MIN_INSTANT_MS && time < MAX_INSTANT_MS + MAX_USAGE_MS)).toBe(true);
    }
    if (cdr.answerTimeMs === null) expect(cdr.notBillable).not.toBeNull();
    for (const text of [cdr.callId, cdr.calledNumber, cdr.callingNumber, cdr.userDisplayName, cdr.switchUsage]) {
      expect(text === null || (text.length <= MAX_TEXT_CHARS && text.isWellFormed())).toBe(true);
    }
  }
}

const FORMATS = fc.constantFrom(null, ...CDR_FORMATS);
const FIXTURES = [
  canonicalRecord,
  freeswitchALeg(true),
  freeswitchBLeg(),
  freeswitchAEvent(),
  lowerCaseJson,
  pascalCaseJson,
  graphRow,
  graphPage,
  opensipsCdrEvent,
  kamailioCdrRecord,
  kamailioTransaction,
];
const ODD_VALUES = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    '0',
    -1,
    Infinity,
    'NaN',
    {},
    [],
    true,
    '\u0000',
    '\ud800',
    'x'.repeat(300),
    9e15,
    '9999-12-31',
  ),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.json().map((text): unknown => JSON.parse(text)),
);

test('random bytes and texts, in every format', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 300 }).map(bytesOf),
    fc.json().map(bytesOf),
    fc.array(fc.string(), { maxLength: 22 }).map((cells) => bytesOf(cells.join(','))),
  );
  fc.assert(
    fc.property(noise, FORMATS, (bytes, format) => expectSound(parseCdrs(bytes, sourceWith({ format })))),
    { numRuns: 1000 },
  );
});

test('fixtures with one field made odd, anywhere in them', () => {
  const mutated = fc.tuple(fc.constantFrom(...FIXTURES), fc.nat(), ODD_VALUES).map(([fixture, pick, odd]) => {
    const copy: unknown = structuredClone(fixture);
    const places: [Record<string, unknown>, string][] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) {
        places.push([value as Record<string, unknown>, key]);
        visit((value as Record<string, unknown>)[key]);
      }
    };
    visit(copy);
    const [parent, key] = places[pick % places.length] ?? [{}, ''];
    parent[key] = odd;
    return copy;
  });
  const compiled = compileIntake([sourceWith({ defaultCountry: 'FR', timezone: 'Europe/Paris' })]);
  if ('faults' in compiled) throw new Error('the fixture source must compile');
  const [source] = compiled.intake.sources.values();
  fc.assert(
    fc.property(mutated, (record) => {
      const bytes = bytesOf(record);
      expectSound(parseCdrs(bytes, source ?? sourceWith()));
      readCdrs(bytes, source ?? sourceWith(), compiled.intake);
    }),
    { numRuns: 2000 },
  );
});

test('fixtures with bytes cut, changed or doubled', () => {
  const texts = [
    ...FIXTURES.map((fixture) => JSON.stringify(fixture)),
    canonicalCsv,
    masterCsv('both newcdrcolumns'),
    customCsv(),
    ciscoFile({}, { pkid: 'b', dateTimeConnect: 0 }),
  ];
  const damaged = fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 5 }))
    .map(([text, at, removed, inserted]) => {
      const bytes = bytesOf(text);
      const start = at % bytes.length;
      return Uint8Array.from([...bytes.subarray(0, start), ...inserted, ...bytes.subarray(start + removed)]);
    });
  fc.assert(
    fc.property(damaged, FORMATS, (bytes, format) => expectSound(parseCdrs(bytes, sourceWith({ format })))),
    { numRuns: 2000 },
  );
});
