// CDR step over HTTP: the chunks of a body come in; its records go out to the intake topic, and an answer for each to the client.
//
// What if the same body comes twice? Every record is published again, and the account knows its CDR. Altered? The account
// refuses it as another content. We die, or a bound is reached half-way? What was answered as accepted stands on the bus; the
// rest was not answered, and is sent again.

import type { MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import {
  CDR_FORMAT_HEADER,
  isCdrRejection,
  parseCdrs,
  prepareCdr,
  splitCdrs,
  type BodyKind,
  type CdrFormat,
  type Intake,
  type SourceSettings,
  type SplitRecord,
} from '@tollkeeper/rating';
import type { CdrTotals, RecordAnswer } from './answers.js';
import { engineTrouble } from './engine-trouble.js';
import { problem, ProblemError } from './problem.js';
import { bodyFault } from './upload-body.js';

/** No record that could be billed is shorter than some 60 bytes, so 16 MiB of real ones stay below. */
export const MAX_RECORDS = 250_000;
export const MAX_UPLOADS = 4;
const CHUNK_RECORDS = 500;
const CHUNK_BYTES = 1_048_576;
/** What a broker adds to a message's key, value and headers before it compares with the topic's bound. */
const MESSAGE_OVERHEAD_BYTES = 128;

const SOURCE_HEADER = 'cdr-source';
const ORIGIN_HEADER = 'cdr-origin';

export type Upload = {
  readonly requestId: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly kind: BodyKind | null;
  readonly source: SourceSettings;
  readonly format: CdrFormat | undefined;
};

/** Records as JSON texts, many to a piece, in order of the body. */
export type UploadAnswer = { readonly totals: CdrTotals; readonly pieces: readonly string[] };

export class CdrUploads {
  readonly #bus: MessageBus;
  readonly #sources: Intake;
  readonly #topic: string;
  #underWay = 0;
  #maxMessageBytes: number | undefined;

  constructor(bus: MessageBus, sources: Intake, topic: string) {
    this.#bus = bus;
    this.#sources = sources;
    this.#topic = topic;
  }

  sourceOf(name: string, format: CdrFormat | undefined): SourceSettings {
    const source = this.#sources.sources.get(name);
    if (source === undefined) {
      const known = [...this.#sources.sources.keys()].join(', ') || 'none';
      throw problem('source-unknown', `Source ${name} is not configured; known are: ${known}.`);
    }
    if (format !== undefined && source.format !== null && source.format !== format) {
      throw problem('format-fixed', `Source ${name} sends ${source.format}; leave out the format.`);
    }
    return source;
  }

  /** @throws ProblemError that lists what was accepted before the body or the bus failed. */
  async take(upload: Upload): Promise<UploadAnswer> {
    if (this.#underWay >= MAX_UPLOADS) throw problem('too-busy', `${MAX_UPLOADS} uploads are under way; try again shortly.`);
    this.#underWay += 1;
    const taken = new Taken();
    try {
      this.#maxMessageBytes ??= (await this.#bus.describeTopic(this.#topic))?.maxMessageBytes;
      for await (const record of splitCdrs(upload.body, upload.kind)) {
        if (record.index >= MAX_RECORDS) throw problem('too-many-records', `A request may hold at most ${MAX_RECORDS} records.`);
        this.#judge(record, upload, taken);
        if (taken.isFull) await taken.publish(this.#bus, this.#topic);
      }
      await taken.publish(this.#bus, this.#topic);
      if (taken.isEmpty) throw problem('request-unreadable', 'The body holds no record.');
      return taken;
    } catch (error) {
      throw stoppedBy(bodyFault(error) ?? error, upload.requestId, taken);
    } finally {
      this.#underWay -= 1;
    }
  }

  #judge(split: SplitRecord, { source, format, requestId }: Upload, taken: Taken): void {
    const record = split.index + 1;
    if (split.rejection !== null) return taken.reject(record, split.rejection);
    const parsed = parseCdrs(split.bytes, source, format === undefined ? {} : { [CDR_FORMAT_HEADER]: format });
    if (isCdrRejection(parsed)) return taken.reject(record, parsed);
    let message: MessageToPublish | undefined;
    const answers: RecordAnswer[] = [];
    for (const cdr of parsed.cdrs) {
      const prepared = prepareCdr(cdr, source, this.#sources);
      if (isCdrRejection(prepared)) {
        answers.push(rejected(record, prepared));
      } else if (prepared.tenant === null) {
        answers.push(
          rejected(record, { code: 'unknown-tenant', reason: `CDR ${cdr.id} does not bill, and no rule names its tenant` }),
        );
      } else {
        const { tenant } = prepared;
        answers.push({ record, status: 'accepted', tenant, id: cdr.id });
        const origin = JSON.stringify({ kind: 'http', record, requestId });
        const headers = { [CDR_FORMAT_HEADER]: cdr.format, [SOURCE_HEADER]: source.name, [ORIGIN_HEADER]: origin };
        // A record of several tenants' CDRs goes whole to the first one's partition; rating finds the others in it.
        message ??= { key: tenant, value: Buffer.from(split.bytes.buffer, split.bytes.byteOffset, split.bytes.length), headers };
      }
    }
    if (parsed.cdrs.length === 0)
      return taken.reject(record, { code: 'no-cdr', reason: 'the record is well formed but holds no CDR' });
    const bytes = message === undefined ? 0 : sizeOf(message);
    if (bytes > (this.#maxMessageBytes ?? Number.POSITIVE_INFINITY)) {
      const reason = `the record takes ${bytes} bytes as a message; topic ${this.#topic} takes ${this.#maxMessageBytes}`;
      return taken.reject(record, { code: 'cdr-too-large', reason });
    }
    taken.add(answers, message, bytes);
  }
}

type Rejection = { readonly code: string; readonly reason: string };

function rejected(record: number, { code, reason }: Rejection): RecordAnswer {
  return { record, status: 'rejected', code, reason };
}

function sizeOf({ key, value, headers = {} }: MessageToPublish): number {
  const texts = [key ?? '', ...Object.entries(headers).flat()];
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return textBytes + (value?.length ?? 0) + MESSAGE_OVERHEAD_BYTES;
}

/** What has been read of one body; an answer counts once its message is acknowledged. */
class Taken implements UploadAnswer {
  readonly totals = { accepted: 0, rejected: 0 };
  readonly pieces: string[] = [];
  #messages: MessageToPublish[] = [];
  #bytes = 0;
  #answers: RecordAnswer[] = [];

  get isFull(): boolean {
    return this.#answers.length >= CHUNK_RECORDS || this.#bytes >= CHUNK_BYTES;
  }

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  reject(record: number, rejection: Rejection): void {
    this.#answers.push(rejected(record, rejection));
  }

  add(answers: readonly RecordAnswer[], message: MessageToPublish | undefined, bytes: number): void {
    this.#answers.push(...answers);
    this.#bytes += bytes;
    if (message !== undefined) this.#messages.push(message);
  }

  async publish(bus: MessageBus, topic: string): Promise<void> {
    if (this.#messages.length > 0) await bus.publish(topic, this.#messages);
    for (const { status } of this.#answers) this.totals[status] += 1;
    if (this.#answers.length > 0) this.pieces.push(this.#answers.map((answer) => JSON.stringify(answer)).join(','));
    this.#messages = [];
    this.#answers = [];
    this.#bytes = 0;
  }
}

/** The same trouble, with what was acknowledged before it. */
function stoppedBy(error: unknown, requestId: string, { totals, pieces }: Taken): unknown {
  if (pieces.length === 0) return error;
  const trouble = error instanceof ProblemError ? error : engineTrouble(error);
  if (trouble === undefined) return error;
  const records: unknown = JSON.parse(`[${pieces.join(',')}]`);
  return new ProblemError({ ...trouble.problem, requestId, totals, records }, trouble.retryAfterSeconds);
}
