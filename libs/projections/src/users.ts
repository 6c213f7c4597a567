// People step: ledger events → one row per user of a tenant with what they hold and may dial, now and later; a row without a user is
// the tenant's own policy. Users stand there by pseudonym, and who they are is sealed.

import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

export type UserRow = {
  /** Tenant and pseudonym. */
  readonly user_key: string;
  readonly tenant: string;
  /** Empty for the tenant. */
  readonly pseudonym: string;
  /** Null while only a policy was set for them. */
  readonly sealed_user: string | null;
  /** JSON of `HeldFrom`s in order of `from`: the one in force when the row was written, and later ones. */
  readonly held: string;
  /** JSON of `PolicyFrom`s, alike. */
  readonly policies: string;
  readonly revision: number;
};

export type HeldFrom = { readonly country: string; readonly from: string; readonly licences: readonly string[] };
export type PolicyFrom = { readonly from: string; readonly policy: string };

export const users: ReadModel<UserRow> = {
  name: 'users',
  keyOf(event) {
    if (event.type !== 'LicencesAssigned.v1' && event.type !== 'DialOutPolicySet.v1') return undefined;
    return `${event.tenant} ${event.data.user ?? ''}`;
  },
  fold(row, event) {
    const before = row ?? newRow(event);
    const { revision } = event;
    const { recordedAt } = event.data;
    if (event.type === 'LicencesAssigned.v1') {
      const { country, from, licences, sealedUser } = event.data;
      const held = placed(JSON.parse(before.held) as HeldFrom[], { country, from, licences }, recordedAt);
      return { ...before, sealed_user: sealedUser, held: JSON.stringify(held), revision };
    }
    if (event.type !== 'DialOutPolicySet.v1') return { ...before, revision };
    const { from, policy } = event.data;
    const policies = placed(JSON.parse(before.policies) as PolicyFrom[], { from, policy }, recordedAt);
    return { ...before, policies: JSON.stringify(policies), revision };
  },
};

function newRow(event: PlacedLedgerEvent): UserRow {
  const { tenant, revision } = event;
  const user = 'user' in event.data ? event.data.user : null;
  const nothing = { sealed_user: null, held: '[]', policies: '[]' };
  return { user_key: `${tenant} ${user ?? ''}`, tenant, pseudonym: user ?? '', ...nothing, revision };
}

/** Instead of what began at the same instant; what was over when it was recorded is dropped, so that no row grows for ever. */
function placed<Item extends { readonly from: string }>(items: readonly Item[], item: Item, recordedAt: string): readonly Item[] {
  const others = items.filter(({ from }) => from !== item.from);
  const sorted = [...others, item].toSorted((left, right) => (left.from < right.from ? -1 : 1));
  const inForce = sorted.findLastIndex(({ from }) => from <= recordedAt);
  return sorted.slice(Math.max(0, inForce));
}
