// The console for everyone, on the demo: by keyboard, on a phone, in the dark, in French, with a screen reader's rules, over a slow line.

import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { button, goTo, region, untilLive, untilSettled, untilTrue } from './reading.js';
import { inChromium } from './stage.js';

const PAGES = {
  overview: ['Overview', 'Vue d’ensemble'],
  calls: ['Calls', 'Appels'],
  recharges: ['Recharges', 'Rechargements'],
  people: ['People', 'Utilisateurs'],
  rates: ['Rates', 'Tarifs'],
  report: ['Report', 'Rapport'],
  operations: ['Operations', 'Exploitation'],
} as const;
const PATHS = Object.keys(PAGES);
const MAX_FIRST_LOAD_BYTES = 250 * 1024;
const MAX_TABS = 60;
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

inChromium({ hasDemo: true }, (stage) => {
  async function seriousFaults(page: Page): Promise<readonly string[]> {
    const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
    const { violations } = await axe.analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }

  test.each([
    ['light', 'en-GB'],
    ['dark', 'fr-FR'],
  ] as const)('axe finds nothing serious on any page, %s, %s', async (colorScheme, locale) => {
    const page = await stage().visit({ colorScheme, locale });
    const found: Record<string, readonly string[]> = {};
    for (const path of PATHS) {
      await page.goto(`/console/lumiere/${path}${path === 'calls' ? '?search=Turkey' : ''}`);
      await untilSettled(page);
      found[path] = await seriousFaults(page);
    }
    await page.goto('/console/lumiere/calls?search=Turkey');
    await page.locator('tbody').getByRole('button').first().click();
    await page.getByRole('dialog').locator('pre').first().waitFor();
    found['explanation'] = await seriousFaults(page);
    await page.goto('/console/lumiere/overview');
    await page.locator('canvas').waitFor();
    await page.locator('summary').click();
    found['chart as a table'] = await seriousFaults(page);
    expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([]);
  });

  test('dark where the system is, light where it is chosen, and so after a reload', async () => {
    const page = await stage().visit({ colorScheme: 'dark' });
    await page.goto('/console/lumiere/overview');
    const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await untilSettled(page);
    expect(await ground()).toBe('rgb(15, 19, 27)');
    await page.getByLabel('Colour scheme').selectOption('light');
    expect(await ground()).toBe('rgb(244, 245, 248)');
    await page.reload();
    await untilSettled(page);
    expect(await ground()).toBe('rgb(244, 245, 248)');
    expect(await page.getByLabel('Colour scheme').inputValue()).toBe('light');
  });

  test('in French and back: language of the document, names, figures; a visitor who prefers French begins in it', async () => {
    const page = await stage().visit();
    await page.goto('/console/lumiere/overview');
    await untilSettled(page);
    const names = (): Promise<string[]> => page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(await names()).toEqual(Object.values(PAGES).map(([english]) => english));
    expect(await page.getByTestId('balance').innerText()).toBe('€34.4026');
    await page.getByLabel('Language').selectOption('fr');
    await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    expect(await names()).toEqual(Object.values(PAGES).map(([, french]) => french));
    expect(await page.getByTestId('balance').innerText()).toMatch(/^34,4026\s€$/);
    expect(await page.title()).toBe('Vue d’ensemble · Tollkeeper');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor();
    await page.getByLabel('Langue').selectOption('en');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const french = await stage().visit({ locale: 'fr-CA' });
    await french.goto('/');
    await french.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor();
  });

  test('by keyboard alone: past the navigation, to another page, into an explanation and back to where it was asked for', async () => {
    const page = await stage().visit();
    const focused = (): Promise<string> =>
      page.evaluate<string>('document.activeElement.textContent || document.activeElement.id');
    const tabUntil = async (wanted: string): Promise<void> => {
      for (let tabs = 0; tabs < MAX_TABS && (await focused()) !== wanted; tabs += 1) await page.keyboard.press('Tab');
      expect(await focused()).toBe(wanted);
    };
    await page.goto('/console/lumiere/overview');
    await untilLive(page);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    expect((await page.getByRole('link', { name: 'Skip to content' }).boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main');

    await page.reload();
    await untilSettled(page);
    await tabUntil('Calls');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor();
    await page.getByRole('table').waitFor();
    // Where the new page begins is where the keyboard goes on.
    expect(await focused()).toBe('Calls');
    await tabUntil('Explain');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Explanation of the charge' });
    await dialog.getByText('They agree.').or(dialog.getByText('does not bill')).first().waitFor();
    for (let tabs = 0; tabs < 12; tabs += 1) {
      expect(await page.evaluate<boolean>(`document.activeElement.closest('[role=dialog]') !== null`)).toBe(true);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await untilTrue(page, `document.activeElement === document.querySelectorAll('tbody button')[1]`);
  });

  test.each(['en-GB', 'fr-FR'])('on a phone in %s: no page scrolls sideways, and no button cuts its words', async (locale) => {
    const page = await stage().visit({ ...PHONE, locale });
    const sideways = `document.scrollingElement.scrollWidth > innerWidth`;
    const cut = `[...document.querySelectorAll('.mantine-Button-label')].filter((label) => label.scrollHeight > label.clientHeight || label.scrollWidth > label.clientWidth).map((label) => label.textContent)`;
    for (const path of PATHS) {
      await page.goto(`/console/lumiere/${path}`);
      await untilSettled(page);
      expect([path, await page.evaluate(sideways), await page.evaluate(cut)]).toEqual([path, false, []]);
    }
    await page.goto('/console/lumiere/calls?search=France');
    await page.locator('tbody').getByRole('button').first().click();
    await page.getByRole('dialog').locator('pre').first().waitFor();
    expect(await page.evaluate(sideways)).toBe(false);
    expect((await page.getByRole('dialog').boundingBox())?.width).toBeLessThanOrEqual(PHONE.viewport.width);
  });

  test('on a phone: the burger opens the navigation, a choice closes it', async () => {
    const page = await stage().visit(PHONE);
    await page.goto('/console/lumiere/overview');
    await untilSettled(page);
    const navigation = page.getByRole('navigation');
    expect(await navigation.isVisible()).toBe(false);
    const burger = button(page, 'Menu');
    await burger.tap();
    expect(await burger.getAttribute('aria-expanded')).toBe('true');
    await goTo(page, 'Report');
    await navigation.waitFor({ state: 'hidden' });
    expect(await burger.getAttribute('aria-expanded')).toBe('false');
  });

  test('the tenant is changed on the page that is open', async () => {
    const page = await stage().visit();
    await page.goto('/console/lumiere/recharges');
    await region(page, 'History of recharges').getByRole('table').waitFor();
    await page.getByRole('combobox', { name: 'Tenant' }).click();
    await page.getByRole('option', { name: 'lonestar' }).click();
    await page.waitForURL('**/console/lonestar/recharges');
    await page.getByTestId('balance').getByText('$37.928').waitFor();
    await page.goto('/');
    await page.waitForURL('**/console/lonestar/overview');
  });

  test(`the first page is there after less than ${MAX_FIRST_LOAD_BYTES / 1024} KiB`, async () => {
    const page = await stage().visit({ locale: 'fr-FR' });
    const encodings: string[] = [];
    page.on('response', (response) => {
      if (/\.(js|css)$/.test(response.url())) encodings.push(response.headers()['content-encoding'] ?? 'none');
    });
    await page.goto('/console/lumiere/overview');
    await untilSettled(page);
    await page.locator('canvas').waitFor();
    const bytes = await page.evaluate<number>(
      `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0)`,
    );
    expect(encodings.length).toBeGreaterThan(3);
    expect(encodings.filter((encoding) => !['br', 'gzip'].includes(encoding))).toEqual([]);
    expect(bytes).toBeGreaterThan(100 * 1024);
    expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
  });
});
