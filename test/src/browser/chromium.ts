// Browser tests: Chromium as this machine has it comes in; pages go out that reach nothing but the server under test.

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { CHROMIUM } from '../export/tools.js';

/** Nothing asks its maker for anything, and no name but the server's address is ever resolved. */
const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
const ACTION_WITHIN_MS = 15_000;

/** What a page did that no page may do, as sentences. */
export type Misdeeds = string[];

export type PageOptions = Pick<BrowserContextOptions, 'colorScheme' | 'locale' | 'viewport' | 'isMobile' | 'hasTouch'>;

/** Each launch has a new and empty profile, which goes with it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: SWITCHES, headless: true });
}

/** A page of a visitor who was never here before. */
export async function openPage(browser: Browser, url: string, misdeeds: Misdeeds, options: PageOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(ACTION_WITHIN_MS);
  context.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(`${url}/`) && !/^(blob|data):/.test(asked)) misdeeds.push(`asked for ${asked}`);
  });
  context.on('weberror', (error) => misdeeds.push(`threw ${String(error.error())}`));
  context.on('console', (message) => {
    // That an answer was a refusal stands there as well; pages show it themselves.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) misdeeds.push(message.text());
  });
  return context.newPage();
}
