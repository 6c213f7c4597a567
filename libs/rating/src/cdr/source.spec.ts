// Step CDR, sources: settings as an operator writes them, with every fault listed.
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SOURCE, parseSources } from './source.js';

function faultsOf(json: unknown): readonly string[] {
  const parsed = parseSources(json);
  return 'faults' in parsed ? parsed.faults.map(({ path, message }) => `${path} ${message}`) : [];
}

test('only the name is mandatory', () => {
  expect(parseSources([{ name: 'pbx-1' }])).toEqual({ sources: [{ ...DEFAULT_SOURCE, name: 'pbx-1' }] });
});

test('a source’s own rules carry its name', () => {
  const mapping = [{ id: 'all', match: {}, tenant: 'acme' }];
  expect(parseSources([{ name: 'pbx-1', mapping }])).toMatchObject({
    sources: [{ mapping: [{ id: 'all', source: 'pbx-1', tenant: 'acme', validFromMs: -Infinity, validToMs: Infinity }] }],
  });
});

describe('faults', () => {
  test('are all listed with their places', () => {
    const faults = faultsOf([
      { name: 'a b', timezone: 'Mars/Olympus', defaultCountry: 'XX', format: 'cisco', trunks: 'x', trustTenantField: 1 },
      { topics: ['cdr'], trunkPrefix: 'nine', colour: 'red' },
      { name: 'c', topics: ['cdr'], mapping: [{ id: 'r', source: 'd', match: {}, tenant: 't' }] },
      7,
    ]);
    expect(faults.map((fault) => fault.split(' ')[0]).toSorted()).toEqual(
      [
        'sources[0].name',
        'sources[0].name',
        'sources[0].timezone',
        'sources[0].defaultCountry',
        'sources[0].format',
        'sources[0].trunks',
        'sources[0].trustTenantField',
        'sources[1].colour',
        'sources[1].name',
        'sources[1].name',
        'sources[1].trunkPrefix',
        'sources[2].topics',
        'sources[2].mapping[0].source',
        'sources[3]',
      ].toSorted(),
    );
  });

  test('one name twice', () => {
    expect(faultsOf([{ name: 'a' }, { name: 'a' }])).toEqual(['sources[1].name a names two sources']);
  });

  test('no array', () => {
    expect(faultsOf({})).toEqual(['sources expected an array of sources']);
  });
});
