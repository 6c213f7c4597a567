// `npm run screenshots`: the demo as it stands after two months comes in; pictures of its console go out, in `docs/screenshots`.
//
// Server and browser share a clock that stands at the same day on every run, so that pictures change where the console does.

import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ROOT } from '../stage/programs.js';
import { launchChromium, openPage, type Misdeeds, type PageOptions } from './chromium.js';
import { demoAfterTwoMonths, NOW_MS, TENANT } from './demo-life.js';
import { button, region, untilLive, untilSettled } from './reading.js';

const FOLDER = join(ROOT, 'docs/screenshots');
const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

type Picture = {
  readonly name: string;
  readonly path: string;
  readonly options: PageOptions;
  /** What is done on the page before. */
  readonly prepare: (page: Page) => Promise<void>;
};

const untilDrawn = (page: Page): Promise<void> => page.locator('canvas').waitFor();

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: 'overview', options: { ...DESKTOP, colorScheme: 'light' }, prepare: untilDrawn },
  {
    name: 'explanation',
    path: 'calls?search=0180',
    options: { ...DESKTOP, colorScheme: 'light' },
    async prepare(page) {
      await page.locator('tbody').getByRole('button').first().click();
      await page.getByRole('dialog').getByText('They agree.').waitFor();
    },
  },
  {
    name: 'rates',
    path: 'rates',
    options: { ...DESKTOP, colorScheme: 'light' },
    async prepare(page) {
      const price = region(page, 'What does a call cost?');
      await price.getByLabel('Called number').fill('+44 20 7946 0958');
      await price.getByLabel('Seconds').fill('754');
      await button(price, 'Price call').click();
      await page.getByTestId('price').waitFor();
    },
  },
  {
    name: 'operations',
    path: 'operations',
    options: { ...DESKTOP, colorScheme: 'dark' },
    async prepare(page) {
      await button(page, 'Verify now').click();
      await page.getByText('Everything held at').waitFor({ timeout: 60_000 });
      await page.evaluate('document.activeElement.blur()');
      await page.mouse.move(0, 0);
    },
  },
  { name: 'overview-phone', path: 'overview', options: { ...PHONE, colorScheme: 'dark' }, prepare: untilDrawn },
];

async function take(browser: Browser, url: string, picture: Picture, misdeeds: Misdeeds): Promise<void> {
  const page = await openPage(browser, url, misdeeds, picture.options);
  await page.clock.setFixedTime(NOW_MS);
  await page.goto(`/console/${TENANT}/${picture.path}`);
  await untilLive(page);
  await untilSettled(page);
  await picture.prepare(page);
  const file = join(FOLDER, `${picture.name}.png`);
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  await page.context().close();
  console.log(`${file}: ${Math.ceil((await stat(file)).size / 1024)} KiB`);
}

const folder = await mkdtemp(join(tmpdir(), 'tollkeeper-screenshots-'));
const misdeeds: Misdeeds = [];
try {
  console.log('The demo lives for two months; this takes about a minute.');
  const server = await demoAfterTwoMonths(join(folder, 'data'));
  const browser = await launchChromium();
  try {
    await mkdir(FOLDER, { recursive: true });
    for (const picture of PICTURES) await take(browser, server.url, picture, misdeeds);
  } finally {
    await browser.close();
    await server.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (misdeeds.length > 0) throw new Error(`The pages did what they may not: ${misdeeds.join('; ')}`);
