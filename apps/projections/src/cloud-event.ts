// Publishing step's envelope: what subscribers are told → a CloudEvent 1.0 in Kafka's binary mode, keyed by the tenant.
// Written out because the cloudevents package takes 12 µs a message for it; the test reads every message back with that package.

import type { MessageToPublish } from '@tollkeeper/message-bus';
import type { OutgoingMessage } from '@tollkeeper/projections';

const SOURCE = '/tollkeeper/ledger';

export function cloudEventMessage({ id, type, subject, time, data }: OutgoingMessage): MessageToPublish {
  const headers = {
    ce_id: id,
    ce_source: SOURCE,
    ce_specversion: '1.0',
    ce_subject: subject,
    ce_time: time,
    ce_type: type,
    'content-type': 'application/json',
  };
  return { key: subject, value: JSON.stringify(data), headers };
}
