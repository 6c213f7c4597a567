// Fold of the users of a tenant: what was assigned, then these rows.

import { describe, expect, test } from '@jest/globals';
import { foldSpec } from '@tollkeeper/testing';
import type { PlacedLedgerEvent } from './read-model.js';
import { users, type UserRow } from './users.js';

const RECORDED = '2026-03-03T12:00:00.000Z';

function event(type: string, revision: number, data: object): PlacedLedgerEvent {
  const facts = { available: '0', balance: '0', effectiveAt: RECORDED, recordedAt: RECORDED, tenant: 'acme', ...data };
  return { type, data: facts, tenant: 'acme', revision, position: BigInt(revision) } as unknown as PlacedLedgerEvent;
}

const assigned = (revision: number, from: string, licences: string[], country = 'FR') =>
  event('LicencesAssigned.v1', revision, { country, from, licences, sealedUser: `sealed-${revision}`, user: 'u-1' });
const policy = (revision: number, from: string, value: string, user: string | null = 'u-1') =>
  event('DialOutPolicySet.v1', revision, { from, policy: value, user });

const model = foldSpec<UserRow | undefined, PlacedLedgerEvent>({
  initialRow: undefined,
  fold: (row, next) => users.fold(row, next),
});

describe('users', () => {
  test('hold what was assigned last from an instant on; what was over is dropped', () => {
    const events = [
      assigned(1, '2025-01-01T00:00:00.000Z', ['pay-as-you-go']),
      assigned(2, '2027-01-01T00:00:00.000Z', ['calling-plan-120']),
      assigned(3, '2026-01-01T00:00:00.000Z', ['audio-conferencing']),
      assigned(4, '2027-01-01T00:00:00.000Z', [], 'US'),
      policy(5, '2026-02-01T00:00:00.000Z', 'zone-a'),
    ];
    model.given(events).thenRow({
      user_key: 'acme u-1',
      tenant: 'acme',
      pseudonym: 'u-1',
      sealed_user: 'sealed-4',
      held:
        '[{"country":"FR","from":"2026-01-01T00:00:00.000Z","licences":["audio-conferencing"]},' +
        '{"country":"US","from":"2027-01-01T00:00:00.000Z","licences":[]}]',
      policies: '[{"from":"2026-02-01T00:00:00.000Z","policy":"zone-a"}]',
      revision: 5,
    });
  });

  test('of whom only a policy is known have no name; without a user it is the tenant’s', () => {
    model.given([policy(1, '2026-02-01T00:00:00.000Z', 'none', null)]).thenRow({
      user_key: 'acme ',
      tenant: 'acme',
      pseudonym: '',
      sealed_user: null,
      held: '[]',
      policies: '[{"from":"2026-02-01T00:00:00.000Z","policy":"none"}]',
      revision: 1,
    });
  });

  test('are concerned by assignments and policies alone', () => {
    const events = [assigned(1, RECORDED, []), policy(2, RECORDED, 'any', null), event('AccountOpened.v1', 3, {})];
    expect(events.map((one) => users.keyOf(one))).toEqual(['acme u-1', 'acme ', undefined]);
  });
});
