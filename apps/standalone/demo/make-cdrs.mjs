// Demo data, the traffic: writes cdrs.ndjson.gz, ten days of made-up calls of three tenants on five switches, with the faults
// that real switches have. `node apps/standalone/demo/make-cdrs.mjs` writes the same file every time.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { asteriskCsv, asteriskJson, canonicalJson, freeswitchEvent, freeswitchJson, graphRow } from './switches.mjs';

const SEED = 20_260_114;
const TOPIC = 'telephony.cdr.v1';
const WINDOW_MS = 10 * 86_400_000;
/** No call is longer, and none begins later than this before the end of the window. */
const LONGEST_MS = 75 * 60_000;

/** mulberry32: a small public-domain generator, the same on every machine. */
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = generator(SEED);
const below = (bound) => Math.floor(random() * bound);
const oneOf = (items) => items[below(items.length)];
const digits = (count) => Array.from({ length: count }, () => below(10)).join('');
const hex = (count) => Array.from({ length: count }, () => below(16).toString(16)).join('');
const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

const NAMES = 'Ana Ávila,Ben Okafor,Chloé Martin,Dieter Krämer,Elif Yılmaz,Finn O’Brien,Giulia Conti,Hana Sato'.split(',');

/**
 * Whom a tenant calls: weight, destination, number. Where a regulator sets numbers aside for films (Arcep, BNetzA, Ofcom,
 * NANPA, ACMA), those are used.
 */
const EUROPE = [
  [20, 'Germany', () => `+493023125${digits(3)}`],
  [10, 'Germany - Mobile', () => `+49171392${digits(4)}`],
  [20, 'France', () => `+3319900${digits(4)}`],
  [10, 'France - Mobile', () => `+336399${digits(5)}`],
  [8, 'United Kingdom', () => `+442079460${digits(3)}`],
  [8, 'United Kingdom - Mobile', () => `+447700900${digits(3)}`],
  [6, 'United States and Canada', () => `+1202555010${digits(1)}`],
  [4, 'Switzerland - Mobile', () => `+41790000${digits(3)}`],
  [4, 'Morocco - Mobile', () => `+2126000${digits(5)}`],
  [4, 'Tunisia', () => `+2167000${digits(4)}`],
  [3, 'Senegal', () => `+22133000${digits(4)}`],
  [3, 'Turkey - Mobile', () => `+905000${digits(6)}`],
];
const AMERICA = [
  [40, 'United States and Canada', () => `+1512555010${digits(1)}`],
  [10, 'Mexico', () => `+525500${digits(6)}`],
  [8, 'Jamaica - Mobile', () => `+1876876${digits(4)}`],
  [8, 'Dominican Republic - Mobile', () => `+18290${digits(6)}`],
  [6, 'Argentina - Mobile', () => `+549110${digits(7)}`],
  [6, 'Philippines', () => `+63200${digits(6)}`],
  [8, 'India', () => `+9100000${digits(5)}`],
  [6, 'United Kingdom', () => `+442079460${digits(3)}`],
  [4, 'Australia - Mobile', () => `+614915700${digits(2)}`],
  [4, 'Colombia', () => `+57100${digits(5)}`],
];

function destinationOf(weighted) {
  let left = below(weighted.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, destination, number] of weighted) {
    left -= weight;
    if (left < 0) return { destination, called: number() };
  }
  throw new Error('the weights do not add up');
}

/** National numbers as their own users dial them: the source's country brings them to E.164. */
const dialledInGermany = (number) => number.replace(/^\+49/, '0').replace(/^\+/, '00');
const dialledInFrance = (number) => number.replace(/^\+33/, '0').replace(/^\+/, '00');

const asIs = (number) => number;
/** Calls by switch: how many, who, how numbers are written, and what the switch publishes. */
const SWITCHES = [
  { source: 'fs-frankfurt', tenant: 'rheintal', account: 'rheintal-main', calls: 520, dial: dialledInGermany, write: freeswitchJson },
  { source: 'fs-berlin', tenant: 'rheintal', account: 'rheintal-main', calls: 240, dial: dialledInGermany, write: freeswitchEvent },
  { source: 'pbx-lyon', tenant: 'lumiere', account: 'LUM-01', calls: 480, dial: dialledInFrance, write: asteriskCsv },
  { source: 'pbx-lyon', tenant: 'lumiere', account: 'LUM-01', calls: 260, dial: dialledInFrance, write: asteriskJson },
  { source: 'teams-austin', tenant: 'lonestar', account: '1003', calls: 640, dial: asIs, write: graphRow },
  { source: 'sbc-dublin', tenant: 'rheintal', account: '1001', calls: 130, dial: asIs, write: canonicalJson },
  { source: 'sbc-dublin', tenant: 'lumiere', account: '1002', calls: 130, dial: asIs, write: canonicalJson },
  { source: 'sbc-dublin', tenant: 'lonestar', account: '1003', calls: 160, dial: asIs, write: canonicalJson },
];
const CALLING = {
  rheintal: () => `+4922147101${digits(2)}`,
  lumiere: () => `+3319900${digits(4)}`,
  lonestar: () => `+1512555010${digits(1)}`,
};
const TOLL_FREE = { rheintal: '+49800000', lumiere: '+33805000', lonestar: '+1800555010' };

let callNumber = 0;

function makeCall({ account, dial, tenant }, changes = {}) {
  callNumber += 1;
  const setupMs = below(WINDOW_MS - LONGEST_MS);
  const ringMs = 1_500 + below(18_000);
  // Most calls are short and a few are long, as calls are.
  const talkMs = Math.min(LONGEST_MS - 20_000, Math.round(4_000 + 110_000 * -Math.log(1 - random())));
  const isAnswered = random() >= 0.05;
  const { destination, called } = destinationOf(tenant === 'lonestar' ? AMERICA : EUROPE);
  const callerName = oneOf(NAMES);
  const answerMs = isAnswered ? setupMs + ringMs : null;
  return {
    number: callNumber,
    id: uuid(),
    hex: hex(8),
    account,
    extension: `1${digits(3)}`,
    callerName,
    userName: callerName.split(' ')[0].normalize('NFD').replace(/[^A-Za-z]/g, '').toLowerCase(),
    calling: CALLING[tenant](),
    called: dial(called),
    destination,
    setupMs,
    answerMs,
    endMs: setupMs + ringMs + (isAnswered ? talkMs : 0),
    ...changes,
  };
}

/** Message and the instant it is published at, which puts the file in order. */
const messages = [];
function publish({ source, tenant }, value, publishedMs, key = tenant) {
  messages.push({ publishedMs, line: { topic: TOPIC, key, headers: { 'cdr-source': source }, ...value } });
}
const text = (value) => ({ value });
const bytes = (values) => ({ base64: Buffer.from(values).toString('base64') });

const REPEAT_AFTER_MS = 20 * 60_000;

function traffic(at) {
  for (let count = 0; count < at.calls; count += 1) {
    const changes = at.source === 'sbc-dublin' && count % 8 === 0 ? tollFree(at.tenant) : {};
    if (at.source === 'teams-austin' && count % 12 === 0) changes.category = 'conference-dial-out';
    const call = makeCall(at, changes);
    const value = text(at.write(call));
    publish(at, value, call.endMs);
    if (at.source === 'fs-frankfurt' && count % 8 === 0) publish(at, text(freeswitchJson(call, 'b')), call.endMs + 5);
    if (at.write === asteriskCsv && count % 20 === 0) publish(at, text(asteriskCsv(call, true)), call.endMs + 5);
    if (count % 60 === 7) publish(at, value, call.endMs + REPEAT_AFTER_MS);
    // The same call a second time with another end: the first stands, the second is put aside.
    if (count % 200 === 11 && call.answerMs !== null) {
      publish(at, text(at.write({ ...call, endMs: call.endMs + 61_000 })), call.endMs + REPEAT_AFTER_MS);
    }
  }
}

function tollFree(tenant) {
  return {
    direction: 'inbound',
    category: 'toll-free-inbound',
    calling: `+1202555010${digits(1)}`,
    called: `${TOLL_FREE[tenant]}${digits(tenant === 'lonestar' ? 1 : 4)}`,
  };
}

/** What goes wrong: each of these is a dead letter with a code of its own. */
function faults() {
  const [frankfurt, , lyon, , austin, , , dublin] = SWITCHES;
  const bad = (at, changes, write = at.write) => {
    const call = makeCall(at);
    const answered = { ...call, answerMs: call.setupMs + 2_000, endMs: call.setupMs + 92_000, ...changes };
    publish(at, text(write(answered)), answered.endMs);
  };
  for (let count = 0; count < 5; count += 1) {
    bad(frankfurt, { called: `00881600${digits(6)}` });
    bad(lyon, { called: `00682${digits(5)}` });
    bad(austin, { called: `+37680${digits(4)}` });
    bad(frankfurt, { account: 'nobody' });
    bad(dublin, { account: '1999' });
  }
  for (let count = 0; count < 3; count += 1) {
    bad(dublin, { called: 'reception' });
    bad(dublin, {}, (call) => canonicalJson(call).slice(0, 150));
    bad(dublin, {}, ({ id, calling }) => JSON.stringify({ id, callingNumber: calling, setupTime: 'yesterday' }));
    bad(dublin, {}, (call) => canonicalJson({ ...call, endMs: call.answerMs - 60_000 }));
    bad(dublin, {}, ({ hex: junk }) => JSON.stringify({ event: 'heartbeat', node: junk }));
    publish(dublin, bytes([0xff, 0xfe, 0x00, below(256), 0xc3, 0x28, 0x80]), below(WINDOW_MS));
  }
  for (const daysAgo of [46, 52]) {
    const setupMs = WINDOW_MS - daysAgo * 86_400_000;
    const call = makeCall(dublin, { setupMs, answerMs: setupMs + 2_000, endMs: setupMs + 92_000 });
    publish(dublin, text(canonicalJson(call)), WINDOW_MS - LONGEST_MS);
  }
  // Emergency calls are no fault: they pass on any balance and are free.
  for (let count = 0; count < 3; count += 1) bad(frankfurt, { called: '112' });
}

for (const at of SWITCHES) traffic(at);
faults();
messages.sort((left, right) => left.publishedMs - right.publishedMs);
const lines = messages.map(({ line }) => `${JSON.stringify(line)}\n`).join('');
writeFileSync(new URL('cdrs.ndjson.gz', import.meta.url), gzipSync(lines, { level: 9 }));
console.log(`${messages.length} messages, ${callNumber} calls, ${lines.length} characters`);
