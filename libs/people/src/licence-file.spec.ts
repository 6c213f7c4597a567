// Licences by file: one text in, its rows and every fault with its place out, however the text is cut into chunks.

import { describe, expect, test } from '@jest/globals';
import { MAX_LICENCE_ROWS, readLicenceFile, type LicenceFile } from './licence-file.js';
import { MAX_LINE_CHARS } from './csv-lines.js';

const NOW_MS = Date.parse('2026-03-03T12:00:00Z');

async function read(text: string | Uint8Array, chunkBytes = 7): Promise<LicenceFile> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return readLicenceFile(chunksOf(bytes, chunkBytes), NOW_MS);
}

async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

describe('rows', () => {
  test('are what was written, normalised; without `from` they hold from now on', async () => {
    const text =
      '\uFEFFuser,country,licences,from\r\n Anna@Contoso.COM ,fr,communications-credits|calling-plan-120,2027-01-01\r\n\r\n' +
      '"Zoë ""Z"" O\'Neil",US,"audio-conferencing; extended-dial-out",2027-01-01T00:00:00-05:00\r\n8f14e45f,DE,,';
    expect(await read(text)).toEqual({
      faults: [],
      faultCount: 0,
      rows: [
        {
          identity: 'anna@contoso.com',
          country: 'FR',
          licences: ['communications-credits', 'calling-plan-120'],
          fromMs: Date.parse('2027-01-01T00:00:00Z'),
        },
        {
          identity: 'zoë "z" o\'neil',
          country: 'US',
          licences: ['audio-conferencing', 'extended-dial-out'],
          fromMs: Date.parse('2027-01-01T05:00:00Z'),
        },
        { identity: '8f14e45f', country: 'DE', licences: [], fromMs: NOW_MS },
      ],
    });
  });

  test('are the same whatever the delimiter, the order of columns and the chunks', async () => {
    const comma = await read('user,country,licences\na,FR,pay-as-you-go|audio-conferencing\n');
    for (const chunkBytes of [1, 2, 3, 1000]) {
      expect(await read('licences;user;country\npay-as-you-go|audio-conferencing;a;FR\n', chunkBytes)).toEqual(comma);
      expect(await read('user\tcountry\tlicences\na\tFR\tpay-as-you-go;audio-conferencing\n', chunkBytes)).toEqual(comma);
    }
  });
});

describe('faults', () => {
  const HEADER = 'user,country,licences,from\n';
  test.each<[string, string, readonly [code: string, line: number, column: number][]]>([
    ['nothing', '', [['file-empty', 1, 1]]],
    ['a header alone', HEADER, [['file-empty', 1, 1]]],
    [
      'an unknown, a repeated and a missing column',
      'user,land,user\na,FR,\n',
      [
        ['column-unknown', 1, 6],
        ['column-twice', 1, 11],
        ['column-missing', 1, 1],
        ['column-missing', 1, 1],
      ],
    ],
    ['a quote that never closes', `${HEADER}"a,FR,,\nb,FR,,\n`, [['quote-invalid', 2, 1]]],
    ['a cell too few', `${HEADER}a,FR,\n`, [['cells-miscounted', 2, 1]]],
    [
      'every wrong value of a row, with its column',
      `${HEADER}b,FR,,\n ,Frankreich,calling-plan-7,tomorrow\n`,
      [
        ['value-invalid', 3, 1],
        ['value-invalid', 3, 3],
        ['value-invalid', 3, 14],
        ['value-invalid', 3, 29],
      ],
    ],
    ['an instant without an offset', `${HEADER}a,FR,,2027-01-01T00:00:00\n`, [['value-invalid', 2, 7]]],
    ['a user twice from one instant', `${HEADER}a,FR,,2027-01-01\nA ,US,,2027-01-01T00:00Z\n`, [['row-twice', 3, 1]]],
    ['a line without end', `${HEADER}${'a'.repeat(MAX_LINE_CHARS + 1)}`, [['not-text', 2, 1]]],
  ])('%s', async (_what, text, expected) => {
    const { faults, faultCount } = await read(text);
    expect(faults.map(({ code, line, column }) => [code, line, column])).toEqual(expected);
    expect(faultCount).toBe(expected.length);
  });

  test('bytes that are no UTF-8', async () => {
    const { faults } = await read(Buffer.concat([Buffer.from(`${HEADER}a,FR,,\n`), Buffer.from('caf\xe9,FR,,\n', 'latin1')]));
    expect(faults).toMatchObject([{ code: 'not-text' }]);
  });

  test('beside rows that have none, and no more of them than anybody reads', async () => {
    const { rows, faults, faultCount } = await read(`${HEADER}a,FR,,\n${'b,?,,\n'.repeat(1_200)}c,FR,,\n`, 4_096);
    expect([rows.map(({ identity }) => identity), faults.length, faultCount]).toEqual([['a', 'c'], 1_000, 1_200]);
  });

  test('more rows than a file may hold', async () => {
    const text = Array.from({ length: MAX_LICENCE_ROWS + 2 }, (_, at) => `u${at},FR,,\n`).join('');
    const { rows, faults } = await read(HEADER + text, 65_536);
    expect([rows.length, faults.map(({ code, line }) => [code, line])]).toEqual([
      MAX_LICENCE_ROWS,
      [['too-many-rows', MAX_LICENCE_ROWS + 2]],
    ]);
  });
});
