// CDR step for files: records as they were cut out come in; they go to the intake topic in order, and each is answered for once it
// is durable there. Memory is some records, however long the file is.
//
// What if a file is imported twice, or we die half-way? The account knows every CDR by source and id, so sending a record again
// changes nothing.

import type { MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import type { SplitRecord } from '@tollkeeper/rating';
import { judgeRecord, NO_CDR, type CdrOutcome, type Records } from './cdr-records.js';

const RECORDS_PER_PUBLISH = 500;
const BYTES_PER_PUBLISH = 1_048_576;

export type RecordOutcome = {
  /** From 0. */
  readonly index: number;
  readonly line: number;
  readonly outcomes: readonly CdrOutcome[];
};

/** Takes records one after the other; what it has answered for can be relied on. */
export type RecordSink = {
  add(record: SplitRecord): Promise<void>;
  /** What has not been sent yet. */
  flush(): Promise<void>;
};

/** @param onSent in order of the records, after the bus has acknowledged them. */
export function busSink(bus: MessageBus, records: Records, onSent: (outcomes: readonly RecordOutcome[]) => void): RecordSink {
  let waiting: RecordOutcome[] = [];
  let messages: MessageToPublish[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const [sent, published] = [waiting, messages];
    [waiting, messages, bytes] = [[], [], 0];
    if (published.length > 0) await bus.publish(records.topic, published);
    if (sent.length > 0) onSent(sent);
  };
  return {
    async add(record) {
      const judged = judgeRecord(record, records);
      waiting.push({ index: record.index, line: record.line, outcomes: judged.outcomes });
      if (judged.message !== undefined) messages.push(judged.message);
      bytes += judged.bytes;
      if (waiting.length >= RECORDS_PER_PUBLISH || bytes >= BYTES_PER_PUBLISH) await flush();
    },
    flush,
  };
}

/** Judges and sends nothing. */
export function checkingSink(records: Records, onJudged: (outcomes: readonly RecordOutcome[]) => void): RecordSink {
  return {
    async add(record) {
      onJudged([{ index: record.index, line: record.line, outcomes: judgeRecord(record, records).outcomes }]);
    },
    flush: async () => undefined,
  };
}

/** Faults of a record; none where it only holds no CDR, which rating passes over as well. */
export function faultsOf({ outcomes }: RecordOutcome): readonly Extract<CdrOutcome, { status: 'rejected' }>[] {
  return outcomes.filter((outcome) => outcome.status === 'rejected').filter(({ code }) => code !== NO_CDR);
}
