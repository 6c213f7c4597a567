// CDR step over HTTP: the chunks of a body come in; its records go out to the intake topic, and an answer for each to the client.
//
// What if the same body comes twice? Every record is published again, and the account knows its CDR. Altered? The account
// refuses it as another content. We die, or a bound is reached half-way? What was answered as accepted stands on the bus; the
// rest was not answered, and is sent again.

import type { MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import { judgeRecord, sourceNamed, type JudgedRecord, type Records } from '@tollkeeper/operations';
import { splitCdrs, type BodyKind, type CdrFormat, type Intake, type SourceSettings } from '@tollkeeper/rating';
import type { CdrTotals, RecordAnswer } from './answers.js';
import { engineTrouble } from './engine-trouble.js';
import { problem, ProblemError } from './problem.js';
import { bodyFault } from './upload-body.js';

/** No record that could be billed is shorter than some 60 bytes, so 16 MiB of real ones stay below. */
const MAX_RECORDS = 250_000;
const MAX_UPLOADS = 4;
const CHUNK_RECORDS = 500;
const CHUNK_BYTES = 1_048_576;

export type Upload = {
  readonly requestId: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly kind: BodyKind | null;
  readonly source: SourceSettings;
  readonly format: CdrFormat | undefined;
  /** The body is a part of a file that is imported: its records are told by their place there, and faulty ones are put aside. */
  readonly file: { readonly name: string; readonly firstRecord: number } | undefined;
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
    const source = sourceNamed(this.#sources, name, format);
    if ('code' in source) throw problem(source.code, source.reason);
    return source;
  }

  /** @throws ProblemError that lists what was accepted before the body or the bus failed. */
  async take(upload: Upload): Promise<UploadAnswer> {
    if (this.#underWay >= MAX_UPLOADS) throw problem('too-busy', `${MAX_UPLOADS} uploads are under way; try again shortly.`);
    this.#underWay += 1;
    const taken = new Taken();
    try {
      this.#maxMessageBytes ??= (await this.#bus.describeTopic(this.#topic))?.maxMessageBytes;
      const records = this.#recordsOf(upload);
      for await (const record of splitCdrs(upload.body, upload.kind)) {
        if (record.index >= MAX_RECORDS) throw problem('too-many-records', `A request may hold at most ${MAX_RECORDS} records.`);
        taken.add(record.index + 1, judgeRecord(record, records));
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

  #recordsOf({ source, format, requestId, file }: Upload): Records {
    return {
      intake: this.#sources,
      source,
      format,
      topic: this.#topic,
      maxMessageBytes: this.#maxMessageBytes,
      originOf: (record) =>
        file === undefined
          ? { kind: 'http', record, requestId }
          : { kind: 'file', name: file.name, record: file.firstRecord + record - 1 },
      putFaultyAside: file !== undefined,
    };
  }
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

  add(record: number, { outcomes, message, bytes }: JudgedRecord): void {
    for (const outcome of outcomes) this.#answers.push({ record, ...outcome });
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
