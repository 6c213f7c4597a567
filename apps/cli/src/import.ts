// `tollkeeper import`: files of call-detail records in any format, packed or not, go to the intake topic as switches would send them.
//
// What if it breaks off? The next run goes on behind the last record that is durable; what was in hand is sent again, and the account
// knows it. What of faulty records? They are told by line and put aside with their bytes, like those of a switch.

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  busSink,
  checkingSink,
  faultsOf,
  readSourcesFile,
  sourceNamed,
  type RecordOutcome,
  type Records,
  type RecordSink,
} from '@tollkeeper/operations';
import { splitCdrs, type CdrFormat, type Intake } from '@tollkeeper/rating';
import type { Target } from './command-parts.js';
import { CDR_TOPIC, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { ImportState, type Imported } from './import-state.js';
import { printJson, Progress } from './output.js';
import { serverSink } from './remote-records.js';
import { switchesFileOf } from './switches.js';

export type ImportOptions = {
  readonly source: string;
  readonly format?: CdrFormat;
  readonly sources?: string;
  readonly check?: boolean;
  readonly restart?: boolean;
  readonly data?: string;
  readonly json?: boolean;
};

const STDIN = '-';
const MAX_LISTED = 1_000;
/** In the origin of a CDR. */
const MAX_NAME_CHARS = 255;
const GZIP_MAGIC = [0x1f, 0x8b];

export type FileResult = {
  readonly file: string;
  readonly records: number;
  /** With at least one CDR that was taken. */
  readonly sent: number;
  readonly sentBefore: number;
  readonly faulty: number;
  readonly withoutCdr: number;
  readonly faults: readonly { readonly line: number; readonly code: string; readonly reason: string }[];
};

/** One file after the other, so that the order of the records is theirs. */
export async function importFiles(files: readonly string[], options: ImportOptions, target: Target): Promise<void> {
  if (files.filter((file) => file === STDIN).length > 1) throw new CommandError('- can be read only once');
  const results: FileResult[] = [];
  for (const file of files) {
    const result = await new Import(file, options, target).run();
    results.push(result);
    if (!options.json) console.log(summaryOf(result, options));
  }
  if (options.json) printJson(results);
  const faulty = results.reduce((sum, result) => sum + result.faulty, 0);
  if (faulty > 0)
    throw new CommandError(`${faulty} records were faulty${options.check ? '' : '; they are put aside'}`, EXIT.found);
}

class Import {
  #result = { records: 0, sent: 0, sentBefore: 0, faulty: 0, withoutCdr: 0 };
  readonly #faults: { line: number; code: string; reason: string }[] = [];
  #state: ImportState | undefined;
  readonly #progress = new Progress('records read');

  constructor(
    private readonly file: string,
    private readonly options: ImportOptions,
    private readonly target: Target,
  ) {}

  async run(): Promise<FileResult> {
    const { file, options } = this;
    const { check, restart, source, format, data } = options;
    if (file !== STDIN && !check) this.#state = await this.#opened(() => ImportState.of(file, data));
    const before = restart ? undefined : this.#state?.before(source, format);
    const skipped = before?.records ?? 0;
    if (before !== undefined) {
      const { records, sent, faulty, withoutCdr } = before;
      this.#result = { records, sent: 0, sentBefore: sent, faulty, withoutCdr };
    }
    if (!before?.finished) {
      const sink = await this.#sink();
      await this.#opened(() => this.#read(sink, skipped));
      this.#save(true);
    }
    this.#progress.end();
    return { file, ...this.#result, faults: this.#faults };
  }

  async #read(sink: RecordSink, skipped: number): Promise<void> {
    for await (const record of splitCdrs(plainBytesOf(this.file))) {
      if (record.index >= skipped) await sink.add(record);
      this.#progress.add();
    }
    await sink.flush();
  }

  #sink(): Promise<RecordSink> {
    const { options, file } = this;
    const name = (file === STDIN ? 'stdin' : basename(file)).slice(0, MAX_NAME_CHARS);
    const told = (outcomes: readonly RecordOutcome[]): void => this.#tell(outcomes);
    const local = async (engines: Engines | undefined): Promise<RecordSink> => {
      const bus = await engines?.bus();
      const maxMessageBytes = (await bus?.describeTopic(CDR_TOPIC))?.maxMessageBytes;
      const records = recordsOf(intakeOf(options), { ...options, name, maxMessageBytes });
      return bus === undefined ? checkingSink(records, told) : busSink(bus, records, told);
    };
    if (options.check) return local(undefined);
    return this.target.run<RecordSink>({
      local,
      async remote(server) {
        // Only what it was started with tells the server whose a record is.
        if (options.sources !== undefined) {
          const todo = 'leave --sources out, or stop the server';
          throw new CommandError(`the server at ${server.url} has switches of its own, by which it judges the records; ${todo}`);
        }
        return serverSink(server, { source: options.source, format: options.format, file: name }, told);
      },
    });
  }

  #tell(outcomes: readonly RecordOutcome[]): void {
    const result = this.#result;
    for (const outcome of outcomes) {
      const faults = faultsOf(outcome);
      result.records = outcome.index + 1;
      if (outcome.outcomes.some(({ status }) => status === 'accepted')) result.sent += 1;
      else if (faults.length === 0) result.withoutCdr += 1;
      if (faults.length > 0) result.faulty += 1;
      for (const { code, reason } of faults) {
        if (this.#faults.length >= MAX_LISTED) continue;
        this.#faults.push({ line: outcome.line, code, reason });
        if (!this.options.json) console.error(`${this.file}:${outcome.line}: ${code}: ${reason}`);
        if (this.#faults.length === MAX_LISTED && !this.options.json)
          console.error(`${this.file}: further faults are only counted`);
      }
    }
    this.#save(false);
  }

  #save(finished: boolean): void {
    const { source, format = null } = this.options;
    const { records, sent, sentBefore, faulty, withoutCdr } = this.#result;
    const state: Omit<Imported, 'updatedAt'> = {
      file: this.file,
      source,
      format,
      records,
      sent: sent + sentBefore,
      faulty,
      withoutCdr,
      finished,
    };
    this.#state?.save(state);
  }

  /** Errors of the file's own, in words. */
  async #opened<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const { code = '', syscall } = error as { readonly code?: string; readonly syscall?: string };
      if (code.startsWith('Z_'))
        throw new CommandError(`${this.file} is cut off, or is no whole gzip; what came before was sent`, EXIT.found);
      if (syscall !== undefined && ['open', 'read'].includes(syscall)) {
        throw new CommandError(`${this.file} cannot be read: ${(error as Error).message}`);
      }
      throw error;
    }
  }
}

type About = Pick<ImportOptions, 'source' | 'format'> & { readonly name: string; readonly maxMessageBytes: number | undefined };

function recordsOf(intake: Intake, { source: named, format, name, maxMessageBytes }: About): Records {
  const source = sourceNamed(intake, named, format);
  if ('code' in source) throw new CommandError(`${source.code}: ${source.reason}`, EXIT.found);
  return {
    intake,
    source,
    format,
    topic: CDR_TOPIC,
    maxMessageBytes,
    originOf: (record) => ({ kind: 'file', name, record }),
    putFaultyAside: true,
  };
}

function intakeOf(options: ImportOptions): Intake {
  const file = switchesFileOf(options);
  if (file === undefined)
    throw new CommandError('SOURCES_FILE is not set; set it, or name the file of the switches with --sources');
  const read = readSourcesFile(file);
  if (read.sources === undefined) throw new CommandError(read.faults.join('\n'));
  return read.sources;
}

/** Unpacked where its first bytes say gzip. */
async function* plainBytesOf(file: string): AsyncGenerator<Uint8Array> {
  const bytes = file === STDIN ? process.stdin : createReadStream(file);
  const chunks = (bytes as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let isEnd = false;
  while (head.length < GZIP_MAGIC.length && !isEnd) {
    const { value, done } = await chunks.next();
    if (done) isEnd = true;
    else head = Buffer.concat([head, value]);
  }
  const all = { [Symbol.asyncIterator]: () => ({ next: nextAfter(head, chunks) }) };
  if (!GZIP_MAGIC.every((byte, at) => head[at] === byte)) {
    yield* all;
    return;
  }
  const packed = Readable.from(all);
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  yield* gunzip as AsyncIterable<Buffer>;
}

function nextAfter(head: Buffer, chunks: AsyncIterator<Buffer>): () => Promise<IteratorResult<Buffer>> {
  let isFirst = head.length > 0;
  return async () => {
    if (!isFirst) return chunks.next();
    isFirst = false;
    return { value: head, done: false };
  };
}

function summaryOf({ file, records, sent, sentBefore, faulty, withoutCdr }: FileResult, { check }: ImportOptions): string {
  const parts = [
    `${records} ${records === 1 ? 'record' : 'records'}`,
    `${sent} ${check ? 'good' : 'sent'}`,
    ...(sentBefore > 0 ? [`${sentBefore} sent before`] : []),
    `${faulty} faulty`,
    ...(withoutCdr > 0 ? [`${withoutCdr} without a CDR`] : []),
  ];
  return `${file}: ${parts.join(', ')}`;
}
