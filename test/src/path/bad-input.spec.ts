// Whatever stands on the intake: each bad message becomes a dead letter with a code of its own, and the good ones go on.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MessageToPublish } from '@tollkeeper/message-bus';
import { aCall, auditStream, canonicalCdr, describeOnEngines, OPEN_WITHIN_MS, Stage, type Listener } from '../stage/index.js';

const DAY_MS = 86_400_000;

await describeOnEngines('bad input', (engines) => {
  let stage: Stage;
  let heard: Listener;
  let tenant: string;

  beforeAll(async () => {
    stage = await Stage.open({ name: 'bad-input', engines, partitions: 1, maxCdrMessageBytes: 2_097_152 });
    tenant = stage.tenant('acme');
    heard = await stage.listen('deadLetters');
    await stage.openAccounts([tenant]);
    await stage.openAccounts([stage.tenant('dollars')], { currency: 'USD' });
    await stage.startReady('rating');
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  const cdr = (change: object): string => JSON.stringify({ ...canonicalCdr(aCall({ id: 'bad', tenant })), ...change });
  const raw = (text: string) => cdr({}).replace('"usageMs":60000', text);

  test('is put aside, each with its code, and the partition moves on', async () => {
    const cases: readonly (readonly [string, string | Buffer | null, string?])[] = [
      ['cdr-empty', null],
      ['cdr-malformed', '{"id": '],
      ['cdr-not-text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
      ['cdr-too-large', cdr({ callId: 'x'.repeat(1_048_576) })],
      ['cdr-unknown-format', '{"hello":"world"}'],
      ['cdr-field-missing', cdr({ calledNumber: undefined })],
      ['cdr-field-invalid', cdr({ usageMs: -1 })],
      ['cdr-field-invalid', cdr({ endTime: '2020-01-01T00:00:00Z' })],
      ['cdr-field-invalid', cdr({ answerTime: '9999-01-01T00:00:00Z' })],
      ['cdr-malformed', raw('"usageMs":NaN')],
      ['cdr-field-invalid', raw('"usageMs":1e309')],
      ['cdr-field-missing', '{"__proto__":{"id":"x"},"tenant":"acme","calledNumber":"+4930123456"}'],
      ['called-number-unusable', cdr({ calledNumber: 'abc' })],
      ['unknown-tenant', cdr({ tenant: undefined })],
      ['account-not-open', cdr({ tenant: stage.tenant('nobody') }), 'nobody'],
      ['no-rate', cdr({ calledNumber: '+88312345678' })],
      ['no-rate-in-currency', cdr({ tenant: stage.tenant('dollars') }), 'dollars'],
      ['cdr-too-old', cdr({ answerTime: iso(-40 * DAY_MS), endTime: iso(-40 * DAY_MS + 60_000) })],
      ['cdr-in-future', cdr({ answerTime: iso(DAY_MS), endTime: iso(DAY_MS + 60_000) })],
    ];
    const messages = cases.map(([, value], index): MessageToPublish => ({ key: `key-${index}`, value }));
    await stage.bus.publish(stage.topics.cdr, messages);
    await stage.publishCdrs([aCall({ id: 'good', tenant })]);
    await stage.until('all of it to be judged', async () => (await stage.lag()) === 0n);
    const letters = await stage.until('a letter for each', () => {
      const all = heard.messages(stage.topics.deadLetters);
      return all.length >= cases.length ? all : undefined;
    });
    const byOffset = letters.toSorted(
      (a, b) => Number(a.headers['kafka_dlt-original-offset']) - Number(b.headers['kafka_dlt-original-offset']),
    );
    const codes = byOffset.map(({ headers }) => headers['kafka_dlt-exception-message']?.split(':')[0]);
    expect(codes).toEqual(cases.map(([code]) => code));
    for (const [index, letter] of byOffset.entries()) {
      expect(String(letter.key)).toBe(`key-${index}`);
      const sent = cases[index]?.[1] ?? null;
      expect(letter.value?.toString('base64')).toBe(sent === null ? undefined : Buffer.from(sent).toString('base64'));
      expect(letter.headers['kafka_dlt-original-topic']).toBe(stage.topics.cdr);
    }
    expect(auditStream(await stage.events(tenant)).debits).toEqual(new Map([['good', 1]]));
  });
});

function iso(fromNowMs: number): string {
  return new Date(Date.now() + fromNowMs).toISOString();
}
