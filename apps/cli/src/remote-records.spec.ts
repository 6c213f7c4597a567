// Records of a file as they go to the server: whatever the file is, the server cuts the same records out of the bodies again.

import { describe, expect, test } from '@jest/globals';
import type { RecordOutcome } from '@tollkeeper/operations';
import { bodyKindOf, splitCdrs } from '@tollkeeper/rating';
import { serverSink } from './remote-records.js';
import type { Asking, Server } from './remote.js';

const CASES: readonly [string, string][] = [
  ['JSON over several lines', '[\n {\n  "id": "a"\n },\n {"id":"b"},\n {\n "id": "c [\\n]"\n}\n]'],
  ['JSON values side by side, one of them none', '{"id":"a"}\n{"id":\n"b"} 7 "x"'],
  ['lines, one of them cut off', '{"id":"a"}\n{"id": "b\n{"id":"c"}\n\n"unbalanced\n{"id":"d"}'],
  ['CSV with a header and line breaks in quotes', 'id,calledNumber,note\n1,+49,"a\nb"\n2,+33,""\r\n3,+44,"x""y"\n'],
  ['CSV without a header', '"","100","200","ctx","A ""x""","chan","dst","Dial","","2026-01-01"\n"","101","201"\n'],
  ['form posts of a FreeSWITCH', 'cdr=%7B%22a%22%3A1%7D\ncdr=%7B%7D\n'],
  ['records too large between others', `{"id":"a"}\n{"id":"${'x'.repeat(1_100_000)}"}\n{"id":"b"}\n`],
];

describe('the server cuts the same records out of', () => {
  test.each(CASES)('%s', async (_, text) => {
    const bodies: { index: number; bytes: string }[] = [];
    const answered: RecordOutcome[] = [];
    // Stands for the HTTP API, which the path test asks for real.
    const ask = async (_method: string, _path: string, { text: body, query = {} }: Asking) => {
      const kind = bodyKindOf(body?.type);
      const records: object[] = [];
      for await (const record of splitCdrs([body?.content as Uint8Array], kind === 'json' ? null : kind)) {
        const index = Number(query['firstRecord']) - 1 + record.index;
        bodies.push({ index, bytes: Buffer.from(record.bytes ?? []).toString() });
        records.push({ record: record.index + 1, status: 'accepted', tenant: 't', id: `at ${index}` });
      }
      return { records };
    };
    const about = { source: 'default', format: undefined, file: 'f' };
    const sink = serverSink({ ask } as unknown as Server, about, (outcomes) => answered.push(...outcomes));
    const cut: { index: number; bytes: string }[] = [];
    const lines: number[] = [];
    for await (const record of splitCdrs([Buffer.from(text)])) {
      if (record.rejection === null) cut.push({ index: record.index, bytes: Buffer.from(record.bytes).toString() });
      lines.push(record.line);
      await sink.add(record);
    }
    await sink.flush();
    expect(bodies).toEqual(cut);
    expect(answered.map(({ line }) => line)).toEqual(lines);
    const ids = answered.flatMap(({ outcomes }) => outcomes).flatMap((outcome) => ('id' in outcome ? [outcome.id] : []));
    expect(ids).toEqual(cut.map(({ index }) => `at ${index}`));
  });
});
