// The administrator's calls in a browser: one found among many by its number, its charge explained to the last digit, and the usage report
// downloaded and opened, with that call in it.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@tollkeeper/testing';
import type { Download, Page } from 'playwright-core';
import { parsedCsv } from '../report/libreoffice.js';
import { button, fact, region } from './reading.js';
import { inChromium, UNTIL_MS, type BrowserStage } from './stage.js';
import { cellsOf } from './workbook.js';

const DECK = [
  'prefix,destination,rate,rateUnit,increment,connectFee,decimals',
  '49,Germany,0.0420,60,1,0,4',
  '33,France,0.0175,60,30,0,4',
  '1,United States and Canada,0.0090,60,6,0.01,4',
  '',
].join('\n');
const CALLS = 60;
const DAY_MS = 86_400_000;
/** At noon of yesterday, in a month that the report's choice of months has. */
const NOON_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
const MONTH = new Date(NOON_MS).toISOString().slice(0, 7);
/** 61 s at 0.042 a minute are 0.0427, by hand. */
const SOUGHT = { id: 'wanted/1?', called: '+493055667788', usageMs: 61_000, amount: '0.0427' };

/** The text of the record that is looked for comes out. */
async function fill(stage: BrowserStage): Promise<string> {
  const { api } = stage;
  expect((await api.put('/v1/tenants/rheintal', { currency: 'EUR' })).status).toBe(201);
  expect((await api.put('/v1/tenants/rheintal/terms', { country: 'DE' })).status).toBe(200);
  await api.buy('rheintal', 'invoice-1', { amount: '100', method: 'invoice', reference: 'INV-1' });
  const calls = Array.from({ length: CALLS }, (_, at) => {
    const answeredAt = new Date(NOON_MS - at * 60_000).toISOString();
    const other = { id: `other-${at}`, called: at % 2 === 0 ? '+33144556677' : '+12125550100', usageMs: 60_000 };
    return { ...(at === CALLS - 1 ? SOUGHT : other), tenant: 'rheintal', answeredAt };
  });
  const texts = await stage.takeDown(...calls);
  const isThere = async (): Promise<boolean> => {
    const { body } = await api.get('/v1/tenants/rheintal/calls?limit=100');
    return (body['calls'] as unknown[] | undefined)?.length === CALLS;
  };
  await waitFor(isThere, { timeoutMs: UNTIL_MS, what: 'all calls to be recorded' });
  return texts.at(-1) ?? '';
}

inChromium({ deckCsv: DECK }, (stage) => {
  let page: Page;
  let soughtText: string;
  beforeAll(async () => {
    soughtText = await fill(stage());
  }, UNTIL_MS * 2);
  afterEach(() => page.close());

  const rows = () => page.getByRole('table', { name: 'Recorded calls' }).locator('tbody tr');
  async function openCalls(query = ''): Promise<void> {
    page = await stage().visit();
    await page.goto(`/console/rheintal/calls${query}`);
    await rows().first().waitFor();
  }
  async function untilRows(count: number): Promise<void> {
    await waitFor(async () => (await rows().count()) === count, { timeoutMs: UNTIL_MS, what: `${count} rows` });
  }

  test('found by its number, in whatever way it is written; the explanation redoes the sum', async () => {
    await openCalls();
    const explanation = page.getByRole('dialog', { name: 'Explanation of the charge' });
    for (const written of ['+493055667788', '55667788', '+49 30 556 677 88']) {
      await page.getByLabel('Search').fill(written);
      await untilRows(1);
    }
    await rows().filter({ hasText: 'Germany' }).filter({ hasText: '€0.0427' }).waitFor();
    await button(page, 'Explain').click();
    await explanation.getByText('Redone: 0.0427. Recorded: 0.0427. They agree.').waitFor();
    expect(await explanation.getByRole('region', { name: 'The sum, redone' }).innerText()).toContain('0.042 × 61 / 60');
    const ledger = explanation.getByRole('region', { name: 'In the ledger' });
    const [before, after] = [await fact(ledger, 'Balance before').innerText(), await fact(ledger, 'Balance after').innerText()];
    const microsOf = (text: string): number => Math.round(Number(text.replace(/[^\d.]/g, '')) * 1e6);
    expect(microsOf(before) - microsOf(after)).toBe(42_700);
    const record = explanation.getByRole('region', { name: 'The record as it came' });
    await record.getByText('Its bytes are not kept; their digest remains.').waitFor();
    expect(await fact(record, 'SHA-256').innerText()).toBe(createHash('sha256').update(soughtText).digest('hex'));
    await explanation.getByText('rheintal', { exact: true }).waitFor();
  });

  test('an address with filters and an explanation can be sent on; closing it leaves the list', async () => {
    await openCalls(`?search=Germany&call=${encodeURIComponent(SOUGHT.id)}&source=sbc-dublin`);
    const explanation = page.getByRole('dialog', { name: 'Explanation of the charge' });
    await explanation.getByText('They agree.').waitFor();
    await button(explanation, 'Close').click();
    await explanation.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Search').inputValue()).toBe('Germany');
    await untilRows(1);
    expect(new URL(page.url()).searchParams.get('call')).toBeNull();
    await button(page, 'Clear filters').click();
    await untilRows(50);
  });

  test('filters narrow the list, pages turn, and nothing found says what to do', async () => {
    await openCalls();
    await untilRows(50);
    await button(page, 'Next page').click();
    await untilRows(CALLS - 50);
    await rows().filter({ hasText: SOUGHT.id }).waitFor();
    await button(page, 'Previous page').click();
    await untilRows(50);
    await page.getByLabel('Least amount').fill('0.03');
    await untilRows(1);
    await page.getByLabel('Least amount').fill('');
    await page.getByLabel('Kind').selectOption('Not billable');
    await page.getByText('No call matches.').waitFor();
    await page.getByLabel('Kind').selectOption('All');
    await page.getByLabel('From (UTC)').fill(new Date(NOON_MS + DAY_MS).toISOString().slice(0, 10));
    await page.getByText('No call matches.').waitFor();
  });

  test.each(['csv', 'xlsx'] as const)('the %s report of the month is downloaded, and has that call', async (format) => {
    page = await stage().visit();
    await page.goto('/console/rheintal/report');
    const report = region(page, 'Usage report');
    await report.getByLabel('Period').selectOption(MONTH);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(report, `Download ${format.toUpperCase()}`).click(),
    ]);
    await report.getByText('The report has been downloaded.').waitFor();
    expect(download.suggestedFilename()).toMatch(new RegExp(`rheintal.*\\.${format}$`));
    const [columns = [], ...calls] = await read(download, format);
    expect([columns.length, calls.length]).toEqual([20, CALLS]);
    const column = (name: string): number => columns.indexOf(name);
    const found = calls.filter((cells) => cells[column('Call ID')] === `call-${SOUGHT.id}`);
    expect(
      found.map((cells) => [cells[column('Destination Dialed')], cells[column('Duration Seconds')], cells[column('Charge')]]),
    ).toEqual([['Germany', '61', SOUGHT.amount]]);
    // A number is not shown whole to whoever the report is sent on to.
    expect(found[0]?.join()).not.toContain('55667788');
  });
});

async function read(download: Download, format: 'csv' | 'xlsx'): Promise<readonly string[][]> {
  const bytes = await readFile(await download.path());
  return format === 'csv' ? parsedCsv(bytes.toString('utf8')) : cellsOf(bytes);
}
