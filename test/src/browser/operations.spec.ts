// The operator's work in a browser: a dead letter retried after its deck was mended, one given up, read models rebuilt, the ledger verified.

import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { button, fact, goTo, region, untilAmount } from './reading.js';
import { inChromium } from './stage.js';

const TOKEN = 'correct-horse';
const HEADER = 'prefix,destination,rate,rateUnit,increment';
const DECK = `${HEADER}\n49,Germany,0.0300,60,60\n`;
const MENDED = `${HEADER}\n49,Germany,0.0300,60,60\n39,Italy,0.0500,60,60\n`;
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

inChromium({ deckCsv: DECK, operatorToken: TOKEN }, (stage) => {
  const letters = (page: Page): Locator => region(page, 'Dead letters').getByRole('table').locator('tbody tr');
  const toItaly = (id: string) => ({ id, tenant: 'rheintal', called: '+390612345678', usageMs: 90_000, answeredAt: AN_HOUR_AGO });

  async function withToken(page: Page, token: string): Promise<void> {
    const dialog = page.getByRole('dialog', { name: 'Operator’s token' });
    await dialog.getByLabel('Token', { exact: true }).fill(token);
    await button(dialog, 'Continue').click();
  }

  async function upload(page: Page, name: string, csv: string): Promise<Locator> {
    const importer = region(page, 'Import a deck');
    await importer.getByLabel('Deck file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await importer.getByLabel('Currency').fill('eur');
    await button(importer, 'Import deck').click();
    return importer;
  }

  test('a call without a rate is put aside; its deck is mended in the page, the letter retried, the call debited', async () => {
    const { api } = stage();
    await api.put('/v1/tenants/rheintal', { currency: 'EUR' });
    await api.buy('rheintal', 'invoice-1', { amount: '20', method: 'invoice', reference: 'INV-1' });
    await stage().takeDown(toItaly('to-italy'));
    const page = await stage().visit();
    await page.goto('/console/rheintal/operations');
    await letters(page).filter({ hasText: 'no-rate' }).waitFor();

    // Its bytes name persons: they are the operator's.
    await button(letters(page), 'Show').click();
    await withToken(page, 'wrong');
    await page.getByText('That token was refused').waitFor();
    await withToken(page, TOKEN);
    const letter = page.getByRole('dialog', { name: 'Dead letter' });
    await letter.getByRole('region', { name: 'Content' }).getByText('390612345678').waitFor();
    await button(letter, 'Close').click();

    await goTo(page, 'Rates');
    const importer = await upload(page, 'faulty.csv', `${HEADER}\n39,Italy,cheap,60,60\n`);
    await importer.getByRole('alert').getByText('Line 2').waitFor();
    await upload(page, 'mended.csv', MENDED);
    await importer.getByText('Imported').waitFor();
    await button(importer, 'Activate…').click();
    const activation = page.getByRole('dialog');
    await activation.getByLabel('At (UTC)').fill(new Date(Date.parse(AN_HOUR_AGO) - 3_600_000).toISOString().slice(0, 16));
    await activation.getByLabel('Your name').fill('Ada');
    await button(activation, 'Activate version').click();
    await activation.waitFor({ state: 'detached' });
    const versions = region(page, 'Deck versions').locator('tbody tr');
    await versions
      .filter({ hasText: 'Active' })
      .filter({ hasNotText: 'Never' })
      .filter({ has: page.getByText('2', { exact: true }) })
      .waitFor();
    await versions.filter({ hasText: 'Past' }).waitFor();

    await goTo(page, 'Operations');
    await button(letters(page), 'Retry').click();
    await region(page, 'Dead letters').getByText('Sent again: 1.').waitFor();
    await letters(page).waitFor({ state: 'detached' });
    await region(page, 'Dead letters').getByText('Nothing is put aside.').waitFor();
    await goTo(page, 'Calls');
    await page.getByRole('row').filter({ hasText: 'to-italy' }).filter({ hasText: '€0.1000' }).waitFor();
    await goTo(page, 'Overview');
    await untilAmount(page, 'balance', '19.9');
  });

  test('two versions are compared, and a call is priced by the one that is active', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/rates');
    const compare = region(page, 'Compare two versions');
    const past = await compare.getByLabel('Before').locator('option', { hasText: 'Past' }).getAttribute('value');
    const active = await compare.getByLabel('After').locator('option', { hasText: 'Active' }).getAttribute('value');
    await compare.getByLabel('Before').selectOption(past);
    await compare.getByLabel('After').selectOption(active);
    await button(compare, 'Compare').click();
    await page.getByTestId('diff-summary').getByText('Added: 1. Removed: 0. Changed: 0.').waitFor();
    await compare.getByRole('row').filter({ hasText: 'Italy' }).waitFor();
    const price = region(page, 'What does a call cost?');
    await price.getByLabel('Called number').fill('+39 06 1234 5678');
    await price.getByLabel('Seconds').fill('61');
    await button(price, 'Price call').click();
    expect(await page.getByTestId('price').locator('[data-amount]').getAttribute('data-amount')).toBe('0.1');
    await page.getByTestId('price').getByText('To Italy (prefix 39)').waitFor();
    expect(await fact(price, 'Billed usage').innerText()).toBe('2:00');
    await price.getByLabel('Called number').fill('+81 3 1234 5678');
    await button(price, 'Price call').click();
    await price.getByRole('alert').waitFor();
    expect(await page.getByTestId('price').count()).toBe(0);
  });

  test('a letter that nobody can mend is given up, with a name and a reason', async () => {
    await stage().takeDown({ ...toItaly('to-nowhere'), called: '+8835100012345' });
    const page = await stage().visit();
    await page.goto('/console/rheintal/operations');
    await button(letters(page), 'Discard').click();
    const dialog = page.getByRole('dialog', { name: 'Discard dead letters' });
    expect(await button(dialog, 'Discard').isDisabled()).toBe(true);
    await dialog.getByLabel('Your name').fill('Ada');
    await dialog.getByLabel('Why').fill('A test number');
    await button(dialog, 'Discard').click();
    await withToken(page, TOKEN);
    await dialog.waitFor({ state: 'detached' });
    await region(page, 'Dead letters').getByText('Nothing is put aside.').waitFor();
  });

  test('read models are rebuilt with progress, beside what is shown', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/operations');
    const rebuild = region(page, 'Rebuild read models');
    await button(rebuild, 'Rebuild').click();
    await withToken(page, TOKEN);
    await rebuild.getByRole('progressbar', { name: 'Progress of calls' }).waitFor();
    await rebuild.getByText('Running').first().waitFor({ state: 'detached' });
    const meters = rebuild.locator('.meter');
    const count = await meters.count();
    expect(count).toBeGreaterThan(3);
    expect(await meters.filter({ hasText: 'Done' }).count()).toBe(count);
    await goTo(page, 'Calls');
    await page.getByRole('row').filter({ hasText: 'to-italy' }).waitFor();
  });

  test('the ledger is verified, and everything holds', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/operations');
    const verification = region(page, 'Last verification');
    await verification.getByText('Nothing has been verified').waitFor();
    await button(verification, 'Verify now').click();
    await withToken(page, TOKEN);
    await verification.getByText('Everything held at').waitFor();
    expect(await verification.locator('tbody tr').count()).toBeGreaterThan(5);
  });
});
