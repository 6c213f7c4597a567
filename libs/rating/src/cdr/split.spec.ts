// Step CDR, bodies: the same records whatever the body's kind and wherever its chunks break.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCdrRejection, MAX_CDR_BYTES } from './cdr.js';
import { canonicalCsv, canonicalRecord } from './fixtures/canonical.js';
import { masterCsv } from './fixtures/asterisk.js';
import { bytesOf, sourceWith } from './fixtures/source.js';
import { parseCdrs } from './recognise.js';
import { type BodyKind, bodyKindOf, createCdrSplitter, splitCdrs } from './split.js';
import type { SplitRecord } from './split-scanners.js';

function split(body: string | Uint8Array, kind: BodyKind | null = null, chunkBytes = 7): SplitRecord[] {
  const bytes = typeof body === 'string' ? bytesOf(body) : body;
  const splitter = createCdrSplitter(kind);
  const records: SplitRecord[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) records.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  return [...records, ...splitter.end()];
}

function told(records: readonly SplitRecord[]): string[] {
  return records.map(({ index, line, bytes, rejection }) => {
    return `${index}@${line} ${bytes === null ? rejection.code : new TextDecoder().decode(bytes)}`;
  });
}

describe('kinds, by their beginning', () => {
  test.each([
    ['an array', '[{"a":"]}"},\n {"b":["\\"",{}]}]', ['0@1 {"a":"]}"}', '1@2 {"b":["\\"",{}]}']],
    ['an empty array', ' [ ]\n', []],
    ['one object over lines', '{\n "a": {\n} }\n', ['0@1 {\n "a": {\n} }']],
    ['lines', '{"a":1}\r\n\n{"b":2}', ['0@1 {"a":1}\r', '1@3 {"b":2}']],
    ['lines of which one is broken', '{"a":1}\n{"b":\n{"c":3}\n', ['0@1 {"a":1}', '1@2 {"b":', '2@3 {"c":3}']],
    ['forms', 'cdr=%7B%7D\ncdr=x\n', ['0@1 cdr=%7B%7D', '1@2 cdr=x']],
    ['rows', 'a,"b\nc"\nd,e\n', ['0@1 a,"b\nc"', '1@3 d,e']],
    ['nothing', ' \n ', []],
    ['a mark first', '\ufeff[1]', ['0@1 1']],
  ])('%s', (_name, body, expected) => {
    expect(told(split(body))).toEqual(expected);
  });

  test('by the media type', () => {
    expect(bodyKindOf('text/CSV; charset=utf-8')).toBe('csv');
    expect(bodyKindOf('application/octet-stream')).toBeNull();
    expect(bodyKindOf(undefined)).toBeNull();
    expect(told(split('{"a":1} {"b":2}', 'json'))).toEqual(['0@1 {"a":1}', '1@1 {"b":2}']);
  });
});

test('a CSV header stands before each of its rows, so that each parses alone', () => {
  const ids = split(canonicalCsv).map(({ bytes }) => {
    const parsed = parseCdrs(bytes ?? new Uint8Array(), sourceWith());
    return isCdrRejection(parsed) ? parsed.reason : parsed.cdrs[0]?.id;
  });
  expect(ids).toEqual(['call-0001-a', 'call-0002-a']);
  expect(split(canonicalCsv).map(({ line }) => line)).toEqual([2, 3]);
});

test('Master.csv without a header is its rows', () => {
  expect(split(masterCsv('both') + masterCsv('none'))).toHaveLength(2);
});

describe('what cannot be cut', () => {
  test.each([
    ['an array that is never closed', '[{"a":1},', ['0@1 {"a":1}', '1@1 cdr-malformed']],
    ['an element that is never closed', '[{"a":1', ['0@1 {"a":1', '1@1 cdr-malformed']],
    ['text after the array', '[1] x', ['0@1 1', '1@1 x']],
    ['commas beside an array', '1,2', ['0@1 1,2']],
  ])('%s', (_name, body, expected) => {
    expect(told(split(body))).toEqual(expected);
  });

  test('a record of 1 MiB is refused and the next is read', () => {
    const large = `{"a":"${'x'.repeat(MAX_CDR_BYTES)}"}`;
    expect(told(split(`[${large},{"b":1}]`, null, 65536))).toEqual(['0@1 cdr-too-large', '1@1 {"b":1}']);
    expect(told(split(`${large}\n{"b":1}`, 'ndjson', 65536))).toEqual(['0@1 cdr-too-large', '1@2 {"b":1}']);
  });
});

test('chunks may break anywhere', () => {
  const bodies = [JSON.stringify([canonicalRecord, canonicalRecord]), `${JSON.stringify(canonicalRecord)}\n{}\n`, canonicalCsv];
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.integer({ min: 1, max: 900 }), (body, chunkBytes) => {
      expect(told(split(body, null, chunkBytes))).toEqual(told(split(body, null, 1_000_000)));
    }),
  );
});

test('any bytes in any kind: never throws, and lines and indexes go up', () => {
  const kinds = fc.constantFrom<BodyKind | null>('json', 'ndjson', 'csv', null);
  const noise = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.stringMatching(/^[[\]{}",\\\n a1]{0,80}$/).map(bytesOf));
  fc.assert(
    fc.property(noise, kinds, fc.integer({ min: 1, max: 9 }), (bytes, kind, chunkBytes) => {
      const records = split(bytes, kind, chunkBytes);
      expect(records.map(({ index }) => index)).toEqual(records.map((_, at) => at));
    }),
    { numRuns: 2000 },
  );
});

test('an async body', async () => {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield bytesOf('[{"a"');
    yield bytesOf(':1},2]');
  }
  const records: SplitRecord[] = [];
  for await (const record of splitCdrs(body())) records.push(record);
  expect(told(records)).toEqual(['0@1 {"a":1}', '1@1 2']);
});
