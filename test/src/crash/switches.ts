// Crash test's switches: one made-up call comes in; the bytes that a switch would publish for it go out.

/** The first one's format is recognised by the shape of its records. */
export const SOURCES = [
  { name: 'sbc', trustTenantField: true },
  { name: 'fs', format: 'freeswitch-event', trustTenantField: true },
  { name: 'pbx', format: 'asterisk-json', trustTenantField: true },
] as const;
export type SourceName = (typeof SOURCES)[number]['name'];

export type MadeUpCall = {
  readonly number: number;
  readonly source: SourceName;
  readonly tenant: string;
  readonly called: string;
  readonly answerMs: number;
  /** Whole seconds for a source that counts in seconds. */
  readonly usageMs: number;
};

export type Written = { readonly cdrId: string; readonly value: string };

const RINGING_MS = 4_000;
const CALLING = '+33140000001';

export function written(call: MadeUpCall): Written {
  switch (call.source) {
    case 'sbc':
      return canonical(call);
    case 'fs':
      return freeswitch(call);
    case 'pbx':
      return asterisk(call);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

function canonical({ number, tenant, called, answerMs, usageMs }: MadeUpCall): Written {
  const id = `sbc-${number}`;
  const times = { setupTime: iso(answerMs - RINGING_MS), answerTime: iso(answerMs), endTime: iso(answerMs + usageMs) };
  return {
    cdrId: id,
    value: JSON.stringify({ id, tenant, callingNumber: CALLING, calledNumber: called, ...times, usageMs, sessionId: id }),
  };
}

/** Rang and was never answered: a fact of the ledger, and not a debit. */
export function unansweredCanonical(call: Omit<MadeUpCall, 'usageMs' | 'source'>): Written {
  const id = `sbc-${call.number}`;
  const times = { setupTime: iso(call.answerMs - RINGING_MS), answerTime: null, endTime: iso(call.answerMs) };
  return {
    cdrId: id,
    value: JSON.stringify({ id, tenant: call.tenant, callingNumber: CALLING, calledNumber: call.called, ...times }),
  };
}

function freeswitch({ number, tenant, called, answerMs, usageMs }: MadeUpCall): Written {
  const uuid = `fs-${number}`;
  const micros = (ms: number): string => `${ms}000`;
  const value = JSON.stringify({
    'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
    'Unique-ID': uuid,
    'Channel-Name': 'sofia/internal/1001@pbx.example',
    'Caller-Caller-ID-Number': CALLING,
    'Caller-Destination-Number': called,
    'Caller-Context': 'default',
    variable_uuid: uuid,
    variable_start_uepoch: micros(answerMs - RINGING_MS),
    variable_answer_uepoch: micros(answerMs),
    variable_end_uepoch: micros(answerMs + usageMs),
    variable_billsec: String(Math.ceil(usageMs / 1000)),
    variable_tollkeeper_tenant: tenant,
  });
  return { cdrId: uuid, value };
}

function asterisk({ number, tenant, called, answerMs, usageMs }: MadeUpCall): Written {
  const uniqueid = `pbx-${number}`;
  const local = (ms: number): string => `${iso(ms - 3 * 3_600_000).slice(0, 23)}-0300`;
  const value = JSON.stringify({
    clid: '"Ana" <1001>',
    src: CALLING,
    dst: called,
    dcontext: 'from-internal',
    channel: `PJSIP/desk-${number}`,
    dstchannel: `PJSIP/carrier-${number}`,
    start: local(answerMs - RINGING_MS),
    answer: local(answerMs),
    end: local(answerMs + usageMs),
    durationsec: (usageMs + RINGING_MS) / 1000,
    billsec: usageMs / 1000,
    disposition: 'ANSWERED',
    tenantid: tenant,
    uniqueid,
    linkedid: uniqueid,
    sequence: number,
  });
  return { cdrId: `${uniqueid}:${number}`, value };
}
