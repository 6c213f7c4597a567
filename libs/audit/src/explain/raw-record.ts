// Explanation's beginning: a call's facts in, the bytes it came from out as far as they are still kept, and its record parsed from them
// again. The digest in the ledger is that of the whole message, which may hold other CDRs as well.

import { hash } from 'node:crypto';
import type { CdrFacts, CdrOrigin } from '@tollkeeper/ledger';
import { BusError, type MessageBus } from '@tollkeeper/message-bus';
import {
  DEFAULT_SOURCE,
  fingerprintOf,
  isCdrRejection,
  parseCdrs,
  type Cdr,
  type CdrFormat,
  type SourceSettings,
} from '@tollkeeper/rating';
import type { ExplainedRaw } from './explanation.js';

export type RawParts = {
  /** The message that stands at the place, undefined where it is not kept any more. */
  readonly rawAt: (origin: CdrOrigin) => Promise<Buffer | undefined>;
  /** Settings of a source, which its records are parsed by; undefined where they are not at hand. */
  readonly sourceNamed?: ((name: string) => SourceSettings | undefined) | undefined;
};

export type RawRecord = {
  readonly raw: ExplainedRaw;
  /** As parsed from what is kept; undefined where nothing is, or where the record cannot be found in it. */
  readonly cdr: Cdr | undefined;
  readonly faults: readonly string[];
};

export async function rawRecord({ rawAt, sourceNamed }: RawParts, facts: CdrFacts): Promise<RawRecord> {
  const { origin, rawSha256: sha256 } = facts;
  const bytes = await rawAt(origin);
  if (bytes === undefined) return { raw: { sha256, origin, text: null, kept: false, matches: null }, cdr: undefined, faults: [] };
  const matches = hash('sha256', bytes, 'hex') === sha256;
  const raw = { sha256, origin, text: bytes.toString('utf8'), kept: true, matches };
  if (!matches)
    return { raw, cdr: undefined, faults: ['the bytes at the recorded place are others than those that were debited'] };
  const settings = sourceNamed?.(facts.source);
  const cdr = recordIn(bytes, facts, settings);
  // A time zone or a trunk that only the settings tell would be read otherwise without them: only with them is a difference a fault.
  const differs = cdr !== undefined && fingerprintOf(cdr) !== facts.fingerprint;
  if (differs && settings === undefined) return { raw, cdr: undefined, faults: [] };
  return { raw, cdr, faults: differs ? ['the bytes read now give another fingerprint than the one recorded'] : [] };
}

function recordIn(bytes: Buffer, { id, format, source }: CdrFacts, settings: SourceSettings | undefined): Cdr | undefined {
  const known = { ...DEFAULT_SOURCE, name: source, ...settings, format: format as CdrFormat };
  const parsed = parseCdrs(bytes, known);
  return isCdrRejection(parsed) ? undefined : parsed.cdrs.find((cdr) => cdr.id === id);
}

/** Out of the topic that a record came in by. What came over HTTP or from a file has no place there that its origin names. */
export function keptOnBus(bus: Pick<MessageBus, 'read'>): RawParts['rawAt'] {
  return async (origin) => {
    if (origin.kind !== 'bus') return undefined;
    const offset = BigInt(origin.offset);
    try {
      const [message] = await bus.read(origin.topic, origin.partition, offset, 1);
      return message?.offset === offset ? (message.value ?? undefined) : undefined;
    } catch (error) {
      if (error instanceof BusError && error.code === 'unknown-topic') return undefined;
      throw error;
    }
  };
}
