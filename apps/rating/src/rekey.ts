// CDR step for topics keyed by something else than the tenant: the same bytes go to the intake topic under the tenant's key,
// so that one partition, and so one writer, owns a tenant.
//
// What if a message comes twice, or we die after publishing? The intake gets it twice and the account knows the CDR.

import type { Batch, MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import type { Intake } from '@tollkeeper/rating';
import { deadLetter } from './dead-letter.js';
import { CDR_ORIGIN_HEADER, CDR_SOURCE_HEADER, identify, originOf } from './identify.js';

export type RekeyTopics = { readonly intakeTopic: string; readonly deadLetterTopic: string };

export async function rekey(batch: Batch, intake: Intake, bus: MessageBus, topics: RekeyTopics): Promise<void> {
  const rekeyed: MessageToPublish[] = [];
  const letters: MessageToPublish[] = [];
  for (const message of batch.messages) {
    const { cdrs, rejected } = identify(message, intake);
    const first = cdrs[0];
    if (first === undefined) {
      if (rejected.length > 0) letters.push(deadLetter(message, rejected));
      continue;
    }
    // A message of several tenants' CDRs goes whole to the first one's partition; the expected revision keeps the others safe.
    const headers = {
      ...message.headers,
      [CDR_SOURCE_HEADER]: first.prepared.source,
      [CDR_ORIGIN_HEADER]: JSON.stringify(originOf(message)),
    };
    rekeyed.push({ key: first.tenant, value: message.value, headers });
  }
  if (rekeyed.length > 0) await bus.publish(topics.intakeTopic, rekeyed);
  if (letters.length > 0) await bus.publish(topics.deadLetterTopic, letters);
}
