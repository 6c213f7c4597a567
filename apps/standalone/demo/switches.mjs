// Demo data, the switches: one made-up call in, the bytes that a switch would publish for it out, as text with its instants
// left open. `{{iso:5000}}` stands for the instant 5 s after the demo's first one; demo.ts fills it in.

export const iso = (ms) => `{{iso:${ms}}}`;
const micros = (ms) => `{{us:${ms}}}`;
const seconds = (ms) => `{{s:${ms}}}`;
const wallClock = (ms) => `{{wall:${ms}}}`;
const brazilian = (ms) => `{{brt:${ms}}}`;

const wholeSeconds = (ms) => Math.floor(ms / 1000);

/** mod_json_cdr with its default, values of `variables` percent-encoded; one record per leg. */
export function freeswitchJson(call, leg = 'a') {
  const isB = leg === 'b';
  const uuid = isB ? `${call.id.slice(0, -4)}b1e6` : call.id;
  const variables = {
    direction: isB ? 'outbound' : 'inbound',
    uuid,
    call_uuid: call.id,
    accountcode: call.account,
    user_name: call.extension,
    domain_name: 'pbx.rheintal.example',
    effective_caller_id_name: call.callerName,
    channel_name: isB ? `sofia/external/${call.called}` : `sofia/internal/${call.extension}@pbx.rheintal.example`,
    ...freeswitchTimes(call),
  };
  if (isB) Object.assign(variables, { originator: call.id, originating_leg_uuid: call.id, sip_gateway_name: 'carrier' });
  const encoded = Object.entries(variables).map(([name, value]) => [
    name,
    value.startsWith('{{') ? value : encodeURIComponent(value),
  ]);
  const callerProfile = {
    username: call.extension,
    dialplan: 'XML',
    caller_id_name: call.callerName,
    caller_id_number: call.calling,
    destination_number: call.called,
    uuid,
    context: 'default',
    chan_name: variables.channel_name,
  };
  if (isB) callerProfile.originator = { originator_caller_profiles: [{ uuid: call.id }] };
  return JSON.stringify({
    'core-uuid': '7f9c2ba4-e88f-427d-9e3c-0d2f7a1b0001',
    switchname: 'fs-frankfurt',
    channel_data: { state: 'CS_REPORTING', direction: variables.direction },
    variables: Object.fromEntries(encoded),
    callflow: [{ dialplan: 'XML', caller_profile: callerProfile }],
  });
}

/** mod_event_kafka: CHANNEL_HANGUP_COMPLETE, flat and plain. */
export function freeswitchEvent(call) {
  const variables = {
    uuid: call.id,
    call_uuid: call.id,
    direction: 'inbound',
    user_name: call.extension,
    domain_name: 'pbx.rheintal.example',
    effective_caller_id_name: call.callerName,
    ...freeswitchTimes(call),
  };
  return JSON.stringify({
    'Event-Name': 'CHANNEL_HANGUP_COMPLETE',
    'FreeSWITCH-Hostname': 'fs-berlin',
    'Unique-ID': call.id,
    'Channel-Name': `sofia/internal/${call.extension}@pbx.rheintal.example`,
    'Caller-Caller-ID-Number': call.calling,
    'Caller-Destination-Number': call.called,
    'Caller-Context': 'default',
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`variable_${name}`, value])),
  });
}

function freeswitchTimes(call) {
  return {
    start_uepoch: micros(call.setupMs),
    answer_uepoch: call.answerMs === null ? '0' : micros(call.answerMs),
    end_uepoch: micros(call.endMs),
    duration: String(wholeSeconds(call.endMs) - wholeSeconds(call.setupMs)),
    // FreeSWITCH subtracts truncated seconds, so its own figure may be one off.
    billsec: call.answerMs === null ? '0' : String(wholeSeconds(call.endMs) - wholeSeconds(call.answerMs)),
    hangup_cause: call.answerMs === null ? 'NO_ANSWER' : 'NORMAL_CLEARING',
  };
}

/** A row of Master.csv with all of its 21 columns; Asterisk floors the seconds. `isLocal`: the half that leads into a ring group. */
export function asteriskCsv(call, isLocal = false) {
  const cells = [
    call.account,
    call.calling,
    isLocal ? '600' : call.called,
    'from-internal',
    `"${call.callerName}" <${call.extension}>`,
    `PJSIP/${call.extension}-${call.hex}`,
    isLocal ? `Local/600@ring-${call.hex};1` : `PJSIP/carrier-${call.hex}`,
    'Dial',
    isLocal ? 'Local/600@ring' : `PJSIP/${call.called}@carrier,60`,
    wallClock(call.setupMs),
    call.answerMs === null ? '' : wallClock(call.answerMs),
    wallClock(call.endMs),
    wholeSeconds(call.endMs - call.setupMs),
    call.answerMs === null ? 0 : wholeSeconds(call.endMs - call.answerMs),
    call.answerMs === null ? 'NO ANSWER' : 'ANSWERED',
    'DOCUMENTATION',
    `lyon-${seconds(call.setupMs)}.${call.number}`,
    '',
    '',
    `lyon-${seconds(call.setupMs)}.${call.number}`,
    isLocal ? call.number + 100_000 : call.number,
  ];
  return cells.map((cell) => (typeof cell === 'number' ? String(cell) : `"${cell.replaceAll('"', '""')}"`)).join(',');
}

/** The lower-case JSON dialect, whose wall clock stands 3 h behind UTC and says so. */
export function asteriskJson(call) {
  return JSON.stringify({
    accountcode: call.account,
    src: call.calling,
    dst: call.called,
    dcontext: 'from-internal',
    clid: `"${call.callerName}" <${call.extension}>`,
    channel: `PJSIP/${call.extension}-${call.hex}`,
    dstchannel: `PJSIP/carrier-${call.hex}`,
    lastapp: 'Dial',
    lastdata: `PJSIP/${call.called}@carrier,60`,
    start: brazilian(call.setupMs),
    answer: call.answerMs === null ? '' : brazilian(call.answerMs),
    end: brazilian(call.endMs),
    duration: wholeSeconds(call.endMs - call.setupMs),
    billsec: call.answerMs === null ? 0 : wholeSeconds(call.endMs - call.answerMs),
    disposition: call.answerMs === null ? 'NO ANSWER' : 'ANSWERED',
    amaflags: 'DOCUMENTATION',
    uniqueid: `lyon-${seconds(call.setupMs)}.${call.number}`,
    linkedid: `lyon-${seconds(call.setupMs)}.${call.number}`,
    sequence: call.number,
  });
}

/** Microsoft Graph's pstnCallLogRow, all 23 properties. */
export function graphRow(call) {
  const answeredSeconds = call.answerMs === null ? 0 : Math.ceil((call.endMs - call.answerMs) / 1000);
  const startMs = call.answerMs ?? call.setupMs;
  return JSON.stringify({
    id: call.id,
    callId: `${call.number}_${call.hex}@192.0.2.76`,
    userId: `${call.id.slice(0, 24)}${'0'.repeat(8)}${call.extension}`,
    userPrincipalName: `${call.userName}@lonestar.example`,
    userDisplayName: call.callerName,
    startDateTime: iso(startMs),
    endDateTime: iso(startMs + answeredSeconds * 1000),
    duration: answeredSeconds,
    charge: 0,
    callType: call.category === 'conference-dial-out' ? 'conf_out' : 'user_out',
    currency: 'USD',
    calleeNumber: call.called,
    usageCountryCode: 'US',
    tenantCountryCode: 'US',
    connectionCharge: 0,
    callerNumber: call.calling,
    destinationContext: call.called.startsWith('+1') ? 'Domestic' : 'International',
    destinationName: call.destination,
    conferenceId: call.category === 'conference-dial-out' ? `conf-${call.hex}` : null,
    licenseCapability: 'MCOPSTNC',
    inventoryType: 'Subscriber',
    operator: 'Microsoft',
    callDurationSource: 'microsoft',
  });
}

/** Tollkeeper's own format. */
export function canonicalJson(call) {
  return JSON.stringify({
    id: call.id,
    callId: `sbc-${call.hex}`,
    accountCode: call.account,
    direction: call.direction ?? 'outbound',
    category: call.category ?? null,
    callingNumber: call.calling,
    calledNumber: call.called,
    setupTime: iso(call.setupMs),
    answerTime: call.answerMs === null ? null : iso(call.answerMs),
    endTime: iso(call.endMs),
  });
}
