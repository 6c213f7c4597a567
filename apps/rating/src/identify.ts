// CDR step, at the program's rim: a message → its CDRs with their tenants, and the rejections of those that have none.

import { hash } from 'node:crypto';
import type { CdrOrigin } from '@tollkeeper/ledger';
import type { Message } from '@tollkeeper/message-bus';
import { isCdrRejection, parseCdrs, prepareCdr, type Intake, type SourceSettings } from '@tollkeeper/rating';
import type { IdentifiedCdr } from './command-of.js';
import type { Rejected } from './dead-letter.js';

export const CDR_SOURCE_HEADER = 'cdr-source';
export const CDR_ORIGIN_HEADER = 'cdr-origin';

export type Identified = { readonly cdrs: readonly IdentifiedCdr[]; readonly rejected: readonly Rejected[] };

/** Several CDRs may stand in one message: each is judged by itself, and the good ones go on. */
export function identify(message: Message, intake: Intake): Identified {
  const source = sourceOf(message, intake);
  if (source === undefined) return { cdrs: [], rejected: [unknownSource(message, intake)] };
  if (message.value === null || message.value.length === 0) {
    return { cdrs: [], rejected: [{ code: 'cdr-empty', reason: 'the message has no bytes; expected a CDR' }] };
  }
  const parsed = parseCdrs(message.value, source, message.headers);
  if (isCdrRejection(parsed)) return { cdrs: [], rejected: [parsed] };
  const rawSha256 = hash('sha256', message.value, 'hex');
  const origin = originOf(message);
  const cdrs: IdentifiedCdr[] = [];
  const rejected: Rejected[] = [];
  for (const cdr of parsed.cdrs) {
    const prepared = prepareCdr(cdr, source, intake);
    if (isCdrRejection(prepared)) rejected.push(prepared);
    else if (prepared.tenant === null) rejected.push(noTenant(cdr.id));
    else cdrs.push({ prepared, tenant: prepared.tenant, rawSha256, origin });
  }
  return { cdrs, rejected };
}

function noTenant(id: string): Rejected {
  return { code: 'unknown-tenant', reason: `CDR ${id} does not bill, and no rule names the tenant it belongs to` };
}

/** The header wins: it is how one topic carries several switches, and what re-keying writes. */
function sourceOf(message: Message, intake: Intake): SourceSettings | undefined {
  const named = message.headers[CDR_SOURCE_HEADER];
  return named === undefined ? intake.sourceByTopic.get(message.topic) : intake.sources.get(named);
}

function unknownSource(message: Message, intake: Intake): Rejected {
  const named = message.headers[CDR_SOURCE_HEADER];
  const seen =
    named === undefined ? `topic ${message.topic} belongs to no source` : `${CDR_SOURCE_HEADER} held ${JSON.stringify(named)}`;
  const expected = `expected one of ${[...intake.sources.keys()].join(', ')}`;
  return { code: 'cdr-unknown-source', reason: `${seen}; ${expected}` };
}

/** Where the record was first seen: what re-keying or the HTTP intake wrote down, else this message's own place. */
export function originOf(message: Message): CdrOrigin {
  const { topic, partition, offset, headers } = message;
  const written = headers[CDR_ORIGIN_HEADER];
  const own: CdrOrigin = { kind: 'bus', offset: String(offset), partition, topic };
  return (written === undefined ? undefined : checkedOrigin(written)) ?? own;
}

function checkedOrigin(text: string): CdrOrigin | undefined {
  try {
    const { kind, offset, partition, topic, name, record, requestId } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 256 && value.isWellFormed();
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    if (kind === 'bus' && isText(offset) && isCount(partition) && isText(topic)) return { kind, offset, partition, topic };
    if (kind === 'file' && isText(name) && isCount(record)) return { kind, name, record };
    if (kind === 'http' && isText(requestId) && isCount(record)) return { kind, record, requestId };
    return undefined;
  } catch {
    return undefined;
  }
}
