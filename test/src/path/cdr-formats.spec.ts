// Every switch's CDR through Kafka to a debit: one call of a minute to Berlin, as each of the formats tells it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeOnEngines, OPEN_WITHIN_MS, Stage } from '../stage/index.js';

const ACCOUNT = 'acme-main';
const CALLED = '+4930123456';
const CALLING = '+33144556677';

type Call = { readonly setupMs: number; readonly answerMs: number; readonly endMs: number };

const iso = (atMs: number): string => new Date(atMs).toISOString();
const micros = (atMs: number): string => `${atMs}000`;
const seconds = (atMs: number): number => Math.floor(atMs / 1000);
const wall = (atMs: number): string => iso(atMs).slice(0, 19).replace('T', ' ');

const freeswitchTimes = ({ setupMs, answerMs, endMs }: Call) => ({
  start_uepoch: micros(setupMs),
  answer_uepoch: micros(answerMs),
  end_uepoch: micros(endMs),
  billsec: '60',
  accountcode: ACCOUNT,
});

/** Text of the message; its CDR id is the format's name, wherever the format keeps its id. */
const MESSAGES: Readonly<Record<string, (call: Call) => string>> = {
  'canonical-json': ({ answerMs, endMs }) =>
    JSON.stringify({
      id: 'canonical-json',
      accountCode: ACCOUNT,
      calledNumber: CALLED,
      answerTime: iso(answerMs),
      endTime: iso(endMs),
    }),
  'canonical-csv': ({ answerMs, endMs }) =>
    `id,accountCode,calledNumber,answerTime,endTime\ncanonical-csv,${ACCOUNT},${CALLED},${iso(answerMs)},${iso(endMs)}\n`,
  'freeswitch-json': (call) =>
    JSON.stringify({
      variables: { uuid: 'freeswitch-json', ...freeswitchTimes(call) },
      callflow: [{ caller_profile: { caller_id_number: CALLING, destination_number: '004930123456', context: 'default' } }],
    }),
  'freeswitch-event': (call) =>
    JSON.stringify({
      'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
      'Caller-Caller-ID-Number': CALLING,
      'Caller-Destination-Number': '030 123456',
      ...Object.fromEntries(
        Object.entries({ uuid: 'freeswitch-event', ...freeswitchTimes(call) }).map(([name, value]) => [
          `variable_${name}`,
          value,
        ]),
      ),
    }),
  'asterisk-json': ({ setupMs, answerMs, endMs }) =>
    JSON.stringify({
      src: '1001',
      dst: '004930123456',
      dcontext: 'from-internal',
      channel: 'PJSIP/1001-0000001a',
      dstchannel: 'PJSIP/carrier-0000001b',
      start: `${iso(setupMs).slice(0, 23)}+0000`,
      answer: `${iso(answerMs).slice(0, 23)}+0000`,
      end: `${iso(endMs).slice(0, 23)}+0000`,
      duration: 64,
      billsec: 60,
      disposition: 'ANSWERED',
      accountcode: ACCOUNT,
      uniqueid: 'asterisk-json',
      linkedid: 'asterisk-json',
      sequence: 7,
    }),
  'asterisk-csv': ({ setupMs, answerMs, endMs }) =>
    [
      ACCOUNT,
      '1001',
      '004930123456',
      'from-internal',
      '"Ana <1001>"',
      'PJSIP/1001-0000001a',
      'PJSIP/carrier-0000001b',
      'Dial',
      'x',
      wall(setupMs),
      wall(answerMs),
      wall(endMs),
      64,
      60,
      'ANSWERED',
      'DOCUMENTATION',
      '1772442000.17',
      '',
      '',
      '',
      42,
    ]
      .map((cell) => (typeof cell === 'number' || cell.startsWith('"') ? cell : `"${cell}"`))
      .join(','),
  'graph-pstn': ({ answerMs, endMs }) =>
    JSON.stringify({
      id: 'graph-pstn',
      callId: 'not-unique',
      userPrincipalName: 'ana@acme.example',
      startDateTime: iso(answerMs),
      endDateTime: iso(endMs),
      duration: 60,
      callType: 'user_out',
      calleeNumber: CALLED,
      callDurationSource: 'microsoft',
    }),
  'opensips-event': ({ setupMs, answerMs }) =>
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'E_ACC_CDR',
      params: {
        method: 'INVITE',
        callid: 'opensips-event',
        from_tag: 'a',
        to_tag: 'b',
        sip_code: '200',
        sip_reason: 'OK',
        created: seconds(setupMs),
        time: seconds(answerMs),
        setuptime: 4,
        duration: 60,
        ms_duration: 60_000,
        account: ACCOUNT,
        src_user: CALLING,
        dst_user: CALLED,
      },
    }),
  'kamailio-acc-json': ({ answerMs, endMs }) =>
    JSON.stringify({
      start_time: (answerMs / 1000).toFixed(3),
      end_time: (endMs / 1000).toFixed(3),
      duration: '60.000',
      callid: 'kamailio-acc-json',
      account: ACCOUNT,
      dst_user: CALLED,
    }),
  'cisco-cucm-csv': ({ setupMs, answerMs, endMs }) =>
    [
      '"cdrRecordType","globalCallID_callManagerId","globalCallID_callId","dateTimeOrigination","callingPartyNumber","finalCalledPartyNumber","dateTimeConnect","dateTimeDisconnect","pkid","duration","clientMatterCode"',
      'INTEGER,INTEGER,INTEGER,INTEGER,VARCHAR(50),VARCHAR(50),INTEGER,INTEGER,UNIQUEIDENTIFIER,INTEGER,VARCHAR(32)',
      `1,1,5001,${seconds(setupMs)},"${CALLING}","${CALLED}",${seconds(answerMs)},${seconds(endMs)},"cisco-cucm-csv",60,"${ACCOUNT}"`,
      '',
    ].join('\n'),
};

const FORMATS = Object.keys(MESSAGES);

await describeOnEngines('CDR formats', (engines) => {
  let stage: Stage;
  let tenant: string;

  beforeAll(async () => {
    const mapping = (name: string) => [
      { id: `${name}-account`, match: { accountCode: ACCOUNT }, tenant },
      { id: `${name}-domain`, match: { sipDomain: 'acme.example' }, tenant },
    ];
    const sources = () =>
      FORMATS.map((name) => ({
        name,
        format: name,
        defaultCountry: 'DE',
        trunks: name.startsWith('asterisk') ? ['PJSIP/carrier'] : [],
        mapping: mapping(name),
      }));
    // The tenant's name is made of the stage's, which is made of this.
    const id = `formats-${Date.now().toString(36)}`;
    tenant = `${id}-acme`;
    stage = await Stage.open({ name: 'cdr-formats', engines, sources });
    await stage.openAccounts([tenant], { credit: 10 });
    await stage.startReady('rating');
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  test('a call of a minute, told by each of them, is debited once at the same price', async () => {
    const answerMs = Math.floor(Date.now() / 1000) * 1000 - 1_800_000;
    const call = { setupMs: answerMs - 4_000, answerMs, endMs: answerMs + 60_000 };
    const messages = FORMATS.map((format) => ({
      key: tenant,
      value: MESSAGES[format]?.(call) ?? '',
      headers: { 'cdr-source': format },
    }));
    await stage.bus.publish(stage.topics.cdr, [...messages, ...messages]);
    await stage.until('all of it to be judged', async () => (await stage.lag()) === 0n);
    const debits = (await stage.events(tenant)).filter(({ type }) => type === 'CallDebited.v1').map(({ data }) => data);
    const told = debits.map(({ cdr, amount }) => {
      const { format, usageMs } = cdr as { readonly format: string; readonly usageMs: number };
      return `${format} ${usageMs} ${String(amount)}`;
    });
    expect(told.toSorted()).toEqual(FORMATS.map((format) => `${format} 60000 0.02`).toSorted());
  });
});
