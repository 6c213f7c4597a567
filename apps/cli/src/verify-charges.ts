// `tollkeeper verify charges`: options in; out what libs/audit found when it rated every debit of a period again.

import { verifyCharges, type ChargeOptions, type ChargeVerification } from '@tollkeeper/audit';
import { streamOf } from '@tollkeeper/ledger';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress } from './output.js';
import { noEvents } from './verify.js';

export type VerifyOptions = ChargeOptions & { readonly json?: boolean };

export async function runVerifyCharges(options: VerifyOptions, engines: Engines): Promise<void> {
  const parts = { store: await engines.eventStore(), decks: await engines.decks(), ring: await engines.keyRing() };
  const progress = new Progress('debits checked');
  const found = await verifyCharges(parts, options, (checked) => progress.add(checked));
  progress.end();
  if (found.checked === 0 && options.tenant !== undefined) await assertHasEvents(options.tenant, engines);
  if (options.json) printJson(found);
  else console.log(textOf(found));
  if (found.differ > 0) throw new CommandError(`${found.differ} of ${found.checked} charges differ`, EXIT.found);
}

async function assertHasEvents(tenant: string, engines: Engines): Promise<void> {
  const store = await engines.eventStore();
  for await (const page of store.readStream(streamOf(tenant), { maxCount: 1 })) if (page.length > 0) return;
  throw noEvents(tenant);
}

function textOf({ checked, differ, givenFree, byPrefix, differences }: ChargeVerification): string {
  const lines = differences.map(({ tenant, revision, cdr, parts }) => {
    const said = Object.entries(parts).map(
      ([name, { recorded, rated }]) => `${name} ${JSON.stringify(recorded)}, rated ${JSON.stringify(rated)}`,
    );
    return `tenant ${tenant}, revision ${revision}, CDR ${cdr}: ${said.join('; ')}`;
  });
  if (differ > differences.length) lines.push(`… and ${differ - differences.length} more`);
  const remarks = [
    givenFree > 0 ? `${givenFree} given free` : '',
    byPrefix > 0 ? `${byPrefix} by prefix, their number erased` : '',
  ].filter(Boolean);
  lines.push(`${checked} debits checked${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}, ${differ} differ`);
  return lines.join('\n');
}
