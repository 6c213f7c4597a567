// People, last step: rows of licences → the ledger's commands under pseudonyms, carried out in order, some hundred at a time.
//
// What if the rows come twice, or we die half-way? The ledger knows what a user holds and writes nothing for what is so already; the
// rest follows when the same rows are sent again.

import type { AssignLicences, LedgerRejection } from '@tollkeeper/ledger';
import type { KeyRing } from '@tollkeeper/sealing';
import type { LicenceRow } from './licence-file.js';
import { personOf, prepareNames } from './person.js';

const COMMANDS_PER_ROUND = 500;

type Result =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: LedgerRejection };

export type AssignOutcome =
  | { readonly assigned: number; readonly unchanged: number }
  | { readonly refusal: LedgerRejection }
  /** The tenant's key was destroyed. */
  | 'erased';

export async function assignLicences(
  rows: readonly LicenceRow[],
  { tenant, ring, nowMs }: { readonly tenant: string; readonly ring: KeyRing; readonly nowMs: number },
  execute: (commands: readonly AssignLicences[]) => Promise<readonly Result[]>,
): Promise<AssignOutcome> {
  let assigned = 0;
  for (let at = 0; at < rows.length; at += COMMANDS_PER_ROUND) {
    await prepareNames(ring, tenant);
    const commands: AssignLicences[] = [];
    for (const { identity, country, licences, fromMs } of rows.slice(at, at + COMMANDS_PER_ROUND)) {
      const person = personOf(ring, tenant, identity);
      if (person === undefined) return 'erased';
      commands.push({ kind: 'assign-licences', nowMs, ...person, country, licences, fromMs });
    }
    for (const result of await execute(commands)) {
      if (result.kind === 'recorded') assigned += 1;
      if (result.kind === 'refused') return { refusal: result.refusal };
    }
  }
  return { assigned, unchanged: rows.length - assigned };
}
