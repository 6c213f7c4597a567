// Before the pictures: an empty folder comes in; the demo as it stands after two months out, on a server that goes on running.
//
// The demo's calls come in at once, and a balance over time would be a single day. So one of its tenants lives on: the real program runs
// with a clock that is turned from day to day.

import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { availablePort, waitFor } from '@tollkeeper/testing';
import { apiAt, type Api } from '../path/http.js';
import { ROOT } from '../stage/programs.js';

const TODAY = '2026-03-20';
export const NOW_MS = Date.parse(`${TODAY}T15:00:00.000Z`);
const DAY_MS = 86_400_000;
const DAYS_AFTER = 62;
const WITHIN_MS = 60_000;
/** The demo's, which the story leaves as it is. */
const TRIGGER = 20;
export const TENANT = 'rheintal';
/** By which the demo's settings know the tenant. */
const SOURCE = { name: 'sbc-dublin', accountCode: '1001' };
const USERS = ['anna.weber@rheintal.example', 'jonas.keller@rheintal.example'];
const CALLED = [
  '+4930230010',
  '+33199000520',
  '+4420794609',
  '+493023125810',
  '+41790000862',
  '+12025550143',
  '+491803123456',
  '+4989550123',
];

export type DemoServer = { readonly url: string; readonly api: Api; close(): Promise<void> };

export async function demoAfterTwoMonths(folder: string): Promise<DemoServer> {
  const server = await start(folder, NOW_MS - (DAYS_AFTER + 1) * DAY_MS);
  await waitFor(() => server.said().includes('Listening on'), { timeoutMs: WITHIN_MS, what: 'the demo to be taken down' });
  await live(server);
  await server.turnTo(NOW_MS);
  return server;
}

type Server = DemoServer & { turnTo(atMs: number): Promise<void>; said(): string };

async function start(folder: string, atMs: number, ...args: readonly string[]): Promise<Server> {
  const port = await availablePort();
  const url = `http://127.0.0.1:${port}`;
  const clock = new URL('./turned-clock.js', import.meta.url).href;
  const program = join(ROOT, 'apps/standalone/dist/main.js');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', clock, program, '--data', folder, '--port', String(port), ...args],
    {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', CLOCK_AT: new Date(atMs).toISOString() },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const exited = once(child, 'exit');
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  await waitFor(async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: WITHIN_MS, what: 'the server to be ready' });
  return {
    url,
    api: apiAt(url),
    said: () => text,
    async turnTo(instantMs) {
      const turned = once(child, 'message');
      child.send(instantMs);
      await turned;
    },
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** A few calls a day and fewer at weekends, some of them by users with included minutes; credit renews itself. */
async function live({ api, turnTo }: Server): Promise<void> {
  const path = `/v1/tenants/${TENANT}`;
  await api.put(`${path}/terms`, { country: 'DE' });
  await api.put(`${path}/auto-recharge`, { trigger: String(TRIGGER), amount: '80' });
  const licences = ['calling-plan-120', 'communications-credits'];
  for (const user of USERS) await api.put(`${path}/users/${user}/licences`, { country: 'DE', licences });
  let recorded = await callsRecorded(api, path);
  for (let day = 0; day < DAYS_AFTER; day += 1) {
    const afternoonMs = NOW_MS - (DAYS_AFTER - day) * DAY_MS;
    await turnTo(afternoonMs);
    const isWeekend = [0, 6].includes(new Date(afternoonMs).getUTCDay());
    const calls = callsOf(day, afternoonMs, isWeekend ? 3 : 14 + ((day * 5) % 9));
    recorded += calls.length;
    await api.postCdrs(calls.map((call) => JSON.stringify(call)).join('\n'), 'application/x-ndjson', SOURCE.name);
    const isLevel = async (): Promise<boolean> => (await callsRecorded(api, path)) === recorded;
    await waitFor(isLevel, { timeoutMs: WITHIN_MS, what: `the calls of day ${day}` });
  }
}

/** The same on every run, and yet not alike. */
function callsOf(day: number, beforeMs: number, count: number): readonly object[] {
  return Array.from({ length: count }, (_, at) => {
    const answerMs = beforeMs - (at + 1) * 23 * 60_000 - ((day * 7919 + at * 104_729) % 600) * 1000;
    const usageMs = (60 + ((day * 37 + at * 271) % 900)) * 1000;
    return {
      id: `sbc-${day}-${at}`,
      callId: `sbc-call-${day}-${at}`,
      accountCode: SOURCE.accountCode,
      direction: 'outbound',
      ...(at === 0 ? { userPrincipalName: USERS[(day + at) % 2] } : {}),
      callingNumber: `+49221471${String(1000 + ((day + at) % 40))}`,
      calledNumber: CALLED[(day + at * 3) % CALLED.length],
      answerTime: new Date(answerMs).toISOString(),
      endTime: new Date(answerMs + usageMs).toISOString(),
    };
  });
}

/** Nothing while credit that they made due is not there yet. */
async function callsRecorded(api: Api, path: string): Promise<number> {
  const { body } = await api.get(`${path}/balance`);
  return Number(body['available']) < TRIGGER ? 0 : Number(body['callsDebited']) + Number(body['callsNotBillable']);
}
