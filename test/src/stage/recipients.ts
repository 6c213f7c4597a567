// Tests across processes: tenants and addresses come in; they stand on the tenants' streams, sealed as the API would have sealed them.

import { StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { prepareNames, sealRecipients, type Recipients } from '@tollkeeper/people';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';

/** @param databaseUrl of the programs' sealing keys. */
export async function setRecipients(
  store: EventStore,
  databaseUrl: string,
  recipients: Readonly<Record<string, Recipients>>,
): Promise<void> {
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  const keyStore = await openKeyStore(databaseUrl);
  const ring = openKeyRing(keyStore);
  for (const [tenant, told] of Object.entries(recipients)) {
    await prepareNames(ring, tenant);
    const sealedRecipients = sealRecipients(ring, tenant, told);
    if (sealedRecipients === undefined) throw new Error(`the persons of ${tenant} were erased`);
    const command = { kind: 'set-recipients', nowMs: Date.now(), sealedRecipients } as const;
    const [result] = await writer.execute(streamOf(tenant), [command]);
    if (result?.kind !== 'recorded') throw new Error(`recipients of ${tenant} were not set: ${JSON.stringify(result)}`);
  }
  await writer.close();
  await keyStore.close();
}
