// The stored form: canonical, chained, and refused when anything in it has changed.

import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { initialAccount, NO_HASH, type Account } from './account.js';
import { canonicalJson, type JsonObject } from './canonical-json.js';
import { fold, hashOfEvent, idOfHash, record, type PlacedEvent } from './codec.js';
import type { LedgerCommand } from './commands.js';
import { autoRecharge, debit, eventsOf, notBillable, NOON_MS, OPEN, purchase } from './fixtures.js';

const EUR = 1_000_000n;
const STORY: readonly LedgerCommand[] = [
  OPEN,
  purchase(20n * EUR),
  autoRecharge(10n * EUR, 50n * EUR),
  { kind: 'set-alert-threshold', nowMs: NOON_MS - 3_600_000, thresholdMicros: 5n * EUR },
  debit(15n * EUR),
  notBillable({ id: 'cdr-2' }),
];

function told(): { account: Account; stored: PlacedEvent[] } {
  let account = initialAccount('acme');
  const stored: PlacedEvent[] = [];
  for (const command of STORY) {
    const recorded = record(account, eventsOf(command, account));
    for (const event of recorded.stored) stored.push({ ...event, stream: 'credit-acme', revision: stored.length });
    account = recorded.account;
  }
  return { account, stored };
}

describe('the hash chain', () => {
  test('binds every event to its predecessor, and the id is made of the hash', () => {
    let previousHash = NO_HASH;
    for (const event of told().stored) {
      expect(event.metadata['previousHash']).toBe(previousHash);
      expect(event.metadata['hash']).toBe(hashOfEvent(event, previousHash));
      expect(event.id).toBe(idOfHash(event.metadata['hash'] as string));
      expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      previousHash = event.metadata['hash'] as string;
    }
  });

  test('is the plain SHA-256 of the canonical document that the documentation gives', () => {
    const [first] = told().stored;
    const { data, revision, stream, type } = first as PlacedEvent;
    const document = canonicalJson({ type, stream, revision, data, metadata: { previousHash: NO_HASH } });
    expect(first?.metadata['hash']).toBe(createHash('sha256').update(document).digest('hex'));
  });

  test('every event is built with its keys in canonical order, so that what is stored is what was hashed', () => {
    for (const event of told().stored) expect(JSON.stringify(event.data)).toBe(sortedText(event.data));
  });

  test('says the same after a round trip through JSON', () => {
    const { account, stored } = told();
    const back = (JSON.parse(JSON.stringify(stored)) as PlacedEvent[]).reduce(fold, initialAccount('acme'));
    expect({ ...back, knownCalls: null }).toEqual({ ...account, knownCalls: null });
  });
});

describe('folding what is stored stops loudly', () => {
  const tampered = (at: number, change: (event: PlacedEvent) => PlacedEvent) => () =>
    told()
      .stored.map((event, index) => (index === at ? change(event) : event))
      .reduce(fold, initialAccount('acme'));

  test.each<[string, (event: PlacedEvent) => PlacedEvent, RegExp]>([
    ['an unknown type', (event) => ({ ...event, type: 'CallTeleported.v1' }), /type CallTeleported.v1 is unknown/],
    ['a gap', (event) => ({ ...event, revision: event.revision + 1 }), /it follows revision/],
    [
      'another predecessor',
      (event) => ({ ...event, metadata: { ...event.metadata, previousHash: 'f'.repeat(64) } }),
      /predecessor/,
    ],
    ['another amount', (event) => ({ ...event, data: { ...event.data, amount: '1' } }), /lots and overdraft pay/],
    ['another balance', (event) => ({ ...event, data: { ...event.data, balance: '1' } }), /balance after/],
    ['an earlier time', (event) => ({ ...event, data: { ...event.data, recordedAt: '2020-01-01T00:00:00.000Z' } }), /recordedAt/],
  ])('at %s', (_, change, message) => {
    expect(tampered(4, change)).toThrow(message);
  });
});

describe('canonical JSON', () => {
  test('sorts keys by code units at every depth and leaves no white space', () => {
    expect(canonicalJson({ b: [{ z: 1, a: null }], a: 'é"\n', A: true })).toBe('{"A":true,"a":"é\\"\\n","b":[{"a":null,"z":1}]}');
  });

  test.each([[1.5], [Number.NaN], [2 ** 53]])('refuses the number %p', (number) => {
    expect(() => canonicalJson({ number })).toThrow(/not an integer/);
  });

  test('refuses half of a surrogate pair', () => {
    expect(() => canonicalJson({ text: '\ud800' })).toThrow(/surrogate/);
  });
});

function sortedText(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  const object = value as JsonObject;
  return `{${Object.keys(object)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${sortedText(object[key])}`)
    .join(',')}}`;
}
