// CDR step, for records that do not come from the bus: one record's bytes in, the message that goes to the intake topic out, keyed by
// tenant, and an outcome for each of its CDRs. HTTP uploads and imported files are judged by this alone.

import type { CdrOrigin } from '@tollkeeper/ledger';
import type { MessageToPublish } from '@tollkeeper/message-bus';
import {
  CDR_FORMAT_HEADER,
  isCdrRejection,
  parseCdrs,
  prepareCdr,
  type CdrFormat,
  type Intake,
  type SourceSettings,
  type SplitRecord,
} from '@tollkeeper/rating';

/** What a broker adds to a message's key, value and headers before it compares with the topic's bound. */
const MESSAGE_OVERHEAD_BYTES = 128;

const SOURCE_HEADER = 'cdr-source';
const ORIGIN_HEADER = 'cdr-origin';

/** From whom the records come, and where they go. */
export type Records = {
  readonly intake: Intake;
  readonly source: SourceSettings;
  readonly format: CdrFormat | undefined;
  readonly topic: string;
  /** Of the topic. */
  readonly maxMessageBytes: number | undefined;
  /** Of a record, by its place from 1. */
  originOf(record: number): CdrOrigin;
  /**
   * Faulty records go to the topic as well, where rating puts them aside like those of a switch; otherwise whoever sent them keeps
   * them.
   */
  readonly putFaultyAside: boolean;
};

export type CdrOutcome =
  | { readonly status: 'accepted'; readonly tenant: string; readonly id: string }
  | { readonly status: 'rejected'; readonly code: string; readonly reason: string };

export type JudgedRecord = {
  /** One for each CDR of the record, or one for the record. */
  readonly outcomes: readonly CdrOutcome[];
  readonly message: MessageToPublish | undefined;
  readonly bytes: number;
};

/** The code of a record that is well formed and says nothing of a finished call. */
export const NO_CDR = 'no-cdr';

export function judgeRecord(split: SplitRecord, records: Records): JudgedRecord {
  if (split.rejection !== null) return { outcomes: [rejected(split.rejection)], message: undefined, bytes: 0 };
  const { source, format, intake } = records;
  const value = Buffer.from(split.bytes.buffer, split.bytes.byteOffset, split.bytes.length);
  const parsed = parseCdrs(split.bytes, source, format === undefined ? {} : { [CDR_FORMAT_HEADER]: format });
  if (isCdrRejection(parsed)) return faulty([rejected(parsed)], value, split, records);
  if (parsed.cdrs.length === 0) {
    const reason = 'the record is well formed but holds no CDR';
    return { outcomes: [rejected({ code: NO_CDR, reason })], message: undefined, bytes: 0 };
  }
  const outcomes: CdrOutcome[] = [];
  let message: MessageToPublish | undefined;
  for (const cdr of parsed.cdrs) {
    const prepared = prepareCdr(cdr, source, intake);
    if (isCdrRejection(prepared)) outcomes.push(rejected(prepared));
    else if (prepared.tenant === null) {
      const reason = `CDR ${cdr.id} does not bill, and no rule names its tenant`;
      outcomes.push(rejected({ code: 'unknown-tenant', reason }));
    } else {
      const { tenant } = prepared;
      outcomes.push({ status: 'accepted', tenant, id: cdr.id });
      // A record of several tenants' CDRs goes whole to the first one's partition; rating finds the others in it.
      message ??= { key: tenant, value, headers: headersOf(cdr.format, split, records) };
    }
  }
  return message === undefined ? faulty(outcomes, value, split, records) : fitting(outcomes, message, records);
}

function faulty(outcomes: readonly CdrOutcome[], value: Buffer, split: SplitRecord, records: Records): JudgedRecord {
  if (!records.putFaultyAside) return { outcomes, message: undefined, bytes: 0 };
  return fitting(outcomes, { key: null, value, headers: headersOf(records.format, split, records) }, records);
}

function fitting(outcomes: readonly CdrOutcome[], message: MessageToPublish, records: Records): JudgedRecord {
  const bytes = sizeOf(message);
  if (bytes <= (records.maxMessageBytes ?? Number.POSITIVE_INFINITY)) return { outcomes, message, bytes };
  const reason = `the record takes ${bytes} bytes as a message; topic ${records.topic} takes ${records.maxMessageBytes}`;
  return { outcomes: [rejected({ code: 'cdr-too-large', reason })], message: undefined, bytes: 0 };
}

function headersOf(format: CdrFormat | undefined, { index }: SplitRecord, { source, originOf }: Records): Record<string, string> {
  const named = { [SOURCE_HEADER]: source.name, [ORIGIN_HEADER]: JSON.stringify(originOf(index + 1)) };
  return format === undefined ? named : { [CDR_FORMAT_HEADER]: format, ...named };
}

function rejected({ code, reason }: { readonly code: string; readonly reason: string }): CdrOutcome {
  return { status: 'rejected', code, reason };
}

function sizeOf({ key, value, headers = {} }: MessageToPublish): number {
  const texts = [key ?? '', ...Object.entries(headers).flat()];
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return textBytes + (value?.length ?? 0) + MESSAGE_OVERHEAD_BYTES;
}

export type SourceRefusal = { readonly code: 'source-unknown' | 'format-fixed'; readonly reason: string };

/** The configured source of that name, if it may send that format. */
export function sourceNamed(intake: Intake, name: string, format: CdrFormat | undefined): SourceSettings | SourceRefusal {
  const source = intake.sources.get(name);
  if (source === undefined) {
    const known = [...intake.sources.keys()].join(', ') || 'none';
    return { code: 'source-unknown', reason: `Source ${name} is not configured; known are: ${known}.` };
  }
  if (format !== undefined && source.format !== null && source.format !== format) {
    return { code: 'format-fixed', reason: `Source ${name} sends ${source.format}; leave out the format.` };
  }
  return source;
}
