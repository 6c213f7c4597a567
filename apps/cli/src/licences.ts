// `tollkeeper licences …`: who holds what, by file, by one, and as it stands.

import { createReadStream } from 'node:fs';
import { decode, streamOf, tenantOf, type Licence } from '@tollkeeper/ledger';
import { assignLicences, identityOf, nameOf, readLicenceFile, type LicenceFile, type LicenceRow } from '@tollkeeper/people';
import { users, type HeldFrom, type PolicyFrom, type UserRow } from '@tollkeeper/projections';
import type { Target } from './command-parts.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { LedgerAccount, personsErased, refusedWith } from './ledger-account.js';
import { printJson, tableOf } from './output.js';
import { ofTenant } from './remote.js';

type Of = { readonly tenant: string; readonly json?: boolean };

export type ImportOptions = Of & { readonly dryRun?: boolean; readonly skipFaulty?: boolean };

export async function importLicences(file: string, options: ImportOptions, target: Target): Promise<void> {
  const { tenant, dryRun, skipFaulty, json } = options;
  const { rows, faults, faultCount } = await licencesIn(file);
  const listed = faults.map(({ line, column, reason }) => `${file}:${line}:${column}: ${reason}`);
  if (faultCount > faults.length) listed.push(`… and ${faultCount - faults.length} more`);
  if (faultCount > 0 && !skipFaulty) {
    const count = `${faultCount} ${faultCount === 1 ? 'fault' : 'faults'}; no row of the file is used`;
    throw new CommandError([...listed, count].join('\n'), EXIT.found);
  }
  for (const fault of listed) console.error(fault);
  const outcome = await target.run<Assigned>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      return dryRun ? { assigned: 0, unchanged: 0 } : assign(rows, account, engines);
    },
    remote: (server) =>
      server.ask('POST', ofTenant(tenant, 'licences'), {
        text: { type: 'text/csv', content: createReadStream(file) },
        query: { dryRun, skipFaulty },
      }),
  });
  const { assigned, unchanged } = outcome;
  if (json) printJson({ tenant, rows: rows.length, assigned, unchanged, skipped: faultCount });
  else if (dryRun) console.log(`${tenant}: ${rows.length} rows could be assigned; nothing was written`);
  else console.log(`${tenant}: ${rows.length} rows, ${assigned} assigned, ${unchanged} so already`);
}

/** Of its rows; the API answers so too. */
type Assigned = { readonly assigned: number; readonly unchanged: number };

async function licencesIn(file: string): Promise<LicenceFile> {
  try {
    return await readLicenceFile(createReadStream(file), Date.now());
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

async function assign(rows: readonly LicenceRow[], account: LedgerAccount, engines: Engines): Promise<Assigned> {
  const about = { tenant: account.tenant, ring: await engines.keyRing(), nowMs: Date.now() };
  const outcome = await assignLicences(rows, about, (commands) => account.executeAll(commands));
  if (outcome === 'erased') throw personsErased(account.tenant);
  if ('refusal' in outcome) throw refusedWith(outcome.refusal);
  return outcome;
}

export type AssignOptions = Of & {
  readonly country: string;
  readonly licence?: readonly Licence[];
  readonly from?: number;
};

export async function assignOne(user: string, options: AssignOptions, target: Target): Promise<void> {
  const { tenant, country, licence: licences = [], from: fromMs = Date.now(), json } = options;
  const { changed } = await target.run<{ readonly changed: boolean }>({
    async local(engines) {
      const account = await LedgerAccount.open(tenant, engines);
      const { assigned } = await assign([{ identity: identityOf(user), country, licences, fromMs }], account, engines);
      return { changed: assigned === 1 };
    },
    remote: (server) =>
      server.ask('PUT', ofTenant(tenant, 'users', user, 'licences'), {
        body: { country, from: new Date(fromMs).toISOString(), licences },
      }),
  });
  if (json) printJson({ tenant, user: identityOf(user), country, licences, changed });
  else if (!changed) console.log('it was so already');
  else console.log(`${identityOf(user)} holds ${licences.join(', ') || 'nothing'} from ${new Date(fromMs).toISOString()} on`);
}

export type ListedUser = {
  readonly user: string | null;
  readonly pseudonym: string;
  readonly now: HeldFrom | null;
  readonly later: readonly HeldFrom[];
  readonly policy: string | null;
};

export async function list({ tenant, json }: Of, engines: Engines): Promise<void> {
  const ring = await engines.keyRing();
  const now = new Date().toISOString();
  const listed: ListedUser[] = [];
  for (const row of await usersOf(tenant, engines)) {
    const { pseudonym, sealed_user: sealedUser } = row;
    const held = JSON.parse(row.held) as readonly HeldFrom[];
    const policies = JSON.parse(row.policies) as readonly PolicyFrom[];
    listed.push({
      user: sealedUser === null ? null : await nameOf(ring, tenant, { user: pseudonym, sealedUser }),
      pseudonym,
      now: held.findLast(({ from }) => from <= now) ?? null,
      later: held.filter(({ from }) => from > now),
      policy: policies.findLast(({ from }) => from <= now)?.policy ?? null,
    });
  }
  const sorted = listed.toSorted((left, right) => ((left.user ?? left.pseudonym) < (right.user ?? right.pseudonym) ? -1 : 1));
  if (json) printJson(sorted);
  else if (sorted.length === 0) console.log(`${tenant} has assigned no licences; tollkeeper licences import FILE does`);
  else console.log(tableOf(['user', 'country', 'licences', 'later', 'policy'], sorted.map(cellsOf)));
}

/** As the read model has them, folded from the stream itself. */
async function usersOf(tenant: string, engines: Engines): Promise<readonly UserRow[]> {
  const rows = new Map<string, UserRow>();
  for await (const page of (await engines.eventStore()).readStream(streamOf(tenant))) {
    for (const stored of page) {
      const { revision, position } = stored;
      const event = { ...decode(stored), tenant: tenantOf(stored.stream), revision, position };
      const key = users.keyOf(event);
      if (key !== undefined) rows.set(key, users.fold(rows.get(key), event));
    }
  }
  return [...rows.values()].filter(({ pseudonym }) => pseudonym !== '');
}

function cellsOf({ user, pseudonym, now, later, policy }: ListedUser): readonly string[] {
  const next = later.map(({ from, country, licences }) => `${from.slice(0, 10)} ${country} ${licences.join('|') || 'nothing'}`);
  return [user ?? pseudonym, now?.country ?? '', now?.licences.join(' ') ?? '', next.join('; '), policy ?? ''];
}
