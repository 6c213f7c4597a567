// People step behind HTTP: users by name come in; pseudonyms for the ledger, and rows of the read model with names, go out.

import type { DialOutPolicy, Licence } from '@tollkeeper/ledger';
import { assignLicences, nameOf, personOf, prepareNames, pseudonymOf, type LicenceRow, type Person } from '@tollkeeper/people';
import type { HeldFrom, PolicyFrom, UserRow } from '@tollkeeper/projections';
import type { Accounts } from './accounts.js';
import type { ApiParts } from './parts.js';
import type { PoliciesView, UserView } from './people-answers.js';
import { personsErased, refusedByLedger } from './problem.js';

type PeopleParts = Pick<ApiParts, 'readStore' | 'ring' | 'streamWriter'> & {
  readonly options: Pick<ApiParts['options'], 'nowMs'>;
};

export type UserRows = { readonly tenantPolicy: PoliciesView; readonly users: readonly UserView[] };

export class People {
  readonly #parts: PeopleParts;
  readonly #accounts: Accounts;

  constructor(parts: PeopleParts, accounts: Accounts) {
    this.#parts = parts;
    this.#accounts = accounts;
  }

  /** @throws ProblemError when the tenant's persons were erased. */
  async pseudonym(tenant: string, user: string): Promise<string> {
    const { ring } = this.#parts;
    await prepareNames(ring, tenant);
    const pseudonym = pseudonymOf(ring, tenant, user);
    if (pseudonym === undefined) throw personsErased(tenant);
    return pseudonym;
  }

  async person(tenant: string, user: string): Promise<Person> {
    const { ring } = this.#parts;
    await prepareNames(ring, tenant);
    const person = personOf(ring, tenant, user);
    if (person === undefined) throw personsErased(tenant);
    return person;
  }

  /** How many of the rows changed what a user holds. */
  async assign(tenant: string, rows: readonly LicenceRow[]): Promise<{ readonly assigned: number; readonly unchanged: number }> {
    const { ring, options } = this.#parts;
    const outcome = await assignLicences(rows, { tenant, ring, nowMs: options.nowMs() }, (commands) =>
      this.#accounts.executeAll(tenant, commands),
    );
    if (outcome === 'erased') throw personsErased(tenant);
    if ('refusal' in outcome) throw refusedByLedger(outcome.refusal);
    return outcome;
  }

  /** In order of pseudonym, those after `after`. */
  async page(tenant: string, after: string, limit: number): Promise<UserRows> {
    const rows = this.#parts.readStore.db.selectFrom('tenant_user').selectAll().where('tenant', '=', tenant);
    const own = await rows.where('pseudonym', '=', '').executeTakeFirst();
    const found = await rows.where('pseudonym', '>', after).orderBy('pseudonym').limit(limit).execute();
    const atMs = this.#parts.options.nowMs();
    return {
      tenantPolicy: policiesAt(own, atMs),
      users: await Promise.all(found.map((row) => this.#view(row, atMs))),
    };
  }

  async #view(row: UserRow, atMs: number): Promise<UserView> {
    const { tenant, pseudonym, sealed_user: sealedUser } = row;
    const user = sealedUser === null ? null : await nameOf(this.#parts.ring, tenant, { user: pseudonym, sealedUser });
    const { now, later } = splitAt(
      JSON.parse(row.held) as readonly (HeldFrom & { readonly licences: readonly Licence[] })[],
      atMs,
    );
    return { user, pseudonym, now: now ?? null, later, policy: policiesAt(row, atMs) };
  }
}

function policiesAt(row: UserRow | undefined, atMs: number): PoliciesView {
  const policies =
    row === undefined ? [] : (JSON.parse(row.policies) as readonly (PolicyFrom & { readonly policy: DialOutPolicy })[]);
  const { now, later } = splitAt(policies, atMs);
  return { now: now?.policy ?? null, later };
}

/** What is in force at the instant, and what follows. */
function splitAt<Item extends { readonly from: string }>(
  items: readonly Item[],
  atMs: number,
): { readonly now: Item | undefined; readonly later: readonly Item[] } {
  return {
    now: items.findLast(({ from }) => Date.parse(from) <= atMs),
    later: items.filter(({ from }) => Date.parse(from) > atMs),
  };
}
