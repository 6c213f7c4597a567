// The administrator's money in a browser: an account opened, credit bought, a call that takes some of it, a recharge that failed and goes on.

import { expect, test } from '@jest/globals';
import { inChromium } from './stage.js';
import { button, goTo, markDocument, region, untilAmount, untilLive } from './reading.js';

const DECK = 'prefix,destination,rate,rateUnit,increment\n49,Germany,0.0300,60,60\n';
const HALF_AN_HOUR_AGO = new Date(Date.now() - 1_800_000).toISOString();

inChromium({ deckCsv: DECK, payments: { lumiere: ['expired-card', 'success'], lonestar: ['insufficient-funds'] } }, (stage) => {
  test('an empty ledger says what to do; the account that is opened there is shown at once', async () => {
    const page = await stage().visit();
    await page.goto('/');
    await page.getByText('There is no account yet.').waitFor();
    await page.getByLabel('Name of the tenant').fill('rheintal');
    await page.getByLabel('Currency').fill('eur');
    await button(page, 'Open account').click();
    await page.getByRole('heading', { level: 1, name: 'Recharges' }).waitFor();
    await page.getByText('No recharge has been asked for.').waitFor();
    await untilAmount(page, 'balance', '0');
    expect(await page.getByRole('combobox', { name: 'Tenant' }).inputValue()).toBe('rheintal');
  });

  test('credit bought by card: the balance rises while the page is open', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/recharges');
    await untilLive(page);
    await untilAmount(page, 'balance', '0');
    const isSame = await markDocument(page);
    const buy = region(page, 'Buy credit');
    await buy.getByLabel('Amount').fill('25,50');
    await button(buy, 'Buy credit').click();
    await buy.getByText('Paid: €25.50 has been credited.').waitFor();
    await untilAmount(page, 'balance', '25.5');
    await region(page, 'History of recharges')
      .getByRole('row')
      .filter({ hasText: 'By hand' })
      .filter({ hasText: 'Paid' })
      .waitFor();
    expect(await buy.getByLabel('Amount').inputValue()).toBe('');
    await goTo(page, 'Overview');
    await untilAmount(page, 'available', '25.5');
    expect(await isSame()).toBe(true);
  });

  test('an amount that is none, and one below the minimum, are told below the field or beside it; nothing is bought', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/recharges');
    const buy = region(page, 'Buy credit');
    await buy.getByLabel('Amount').fill('ten');
    await buy.getByLabel('Amount').blur();
    await buy.getByText('Write an amount such as 25 or 12.50.').waitFor();
    expect(await button(buy, 'Buy credit').isDisabled()).toBe(true);
    await buy.getByLabel('Amount').fill('1');
    await button(buy, 'Buy credit').click();
    await buy.getByRole('alert').filter({ hasText: '20' }).waitFor();
    await untilAmount(page, 'balance', '25.5');
  });

  test('a call that arrives elsewhere changes balance and list without a reload', async () => {
    const overview = await stage().visit();
    await overview.goto('/console/rheintal/overview');
    const calls = await stage().visit();
    await calls.goto('/console/rheintal/calls');
    await Promise.all([untilLive(overview), untilLive(calls), calls.getByText('No call has been recorded yet.').waitFor()]);
    await untilAmount(overview, 'balance', '25.5');
    const areSame = [await markDocument(overview), await markDocument(calls)];
    await stage().takeDown({
      id: 'live-1',
      tenant: 'rheintal',
      called: '+4930123456',
      usageMs: 61_000,
      answeredAt: HALF_AN_HOUR_AGO,
    });
    await untilAmount(overview, 'balance', '25.44');
    await calls.getByRole('table', { name: 'Recorded calls' }).getByRole('row').filter({ hasText: 'live-1' }).waitFor();
    for (const isSame of areSame) expect(await isSame()).toBe(true);
    // What it costs a day follows as well, and with it the day on which the credit runs out.
    await overview.getByText('€0.06').first().waitFor();
  });

  test('a suspended auto-recharge says why, is resumed by name, and pays', async () => {
    const { api } = stage();
    await api.put('/v1/tenants/lumiere', { currency: 'EUR' });
    await api.put('/v1/tenants/lumiere/auto-recharge', { trigger: '10', amount: '30' });
    const page = await stage().visit();
    await page.goto('/console/lumiere/overview');
    const alarm = page.locator('.notice').filter({ hasText: 'Auto-recharge is suspended' });
    await alarm.getByRole('link', { name: 'See recharges' }).click();
    const history = region(page, 'History of recharges');
    await history.getByRole('row').filter({ hasText: 'The card has expired.' }).filter({ hasText: 'Failed' }).waitFor();
    const resume = button(page, 'Resume auto-recharge');
    expect(await resume.isDisabled()).toBe(true);
    await page.getByLabel('Your name').fill('Ada');
    await resume.click();
    await untilAmount(page, 'balance', '30');
    await resume.waitFor({ state: 'detached' });
    await history.getByRole('row').filter({ hasText: 'Paid' }).waitFor();
  });

  test('a declined purchase says what the card’s bank said; a policy is saved, changed and ended', async () => {
    await stage().api.put('/v1/tenants/lonestar', { currency: 'EUR' });
    const page = await stage().visit();
    await page.goto('/console/lonestar/recharges');
    const buy = region(page, 'Buy credit');
    await buy.getByLabel('Amount').fill('50');
    await button(buy, 'Buy credit').click();
    await buy.getByRole('alert').filter({ hasText: 'does not hold enough' }).waitFor();
    await untilAmount(page, 'balance', '0');
    const policy = region(page, 'Auto-recharge');
    await policy.getByLabel('Trigger').fill('5');
    await policy.getByLabel('Amount').fill('20');
    await button(policy, 'Save policy').click();
    await policy.getByText('Saved.').waitFor();
    await button(policy, 'End auto-recharge').click();
    await button(page.getByRole('dialog'), 'End auto-recharge').click();
    await button(policy, 'End auto-recharge').waitFor({ state: 'detached' });
    expect(await policy.getByLabel('Trigger').inputValue()).toBe('');
  });

  test('licences are assigned to one user and by a file, whose faults are named; the included minutes are there then', async () => {
    const page = await stage().visit();
    await page.goto('/console/rheintal/people');
    await page.getByText('No licence has been assigned yet.').waitFor();
    await button(page, 'Assign licences').click();
    const dialog = page.getByRole('dialog', { name: 'Assign licences' });
    await dialog.getByLabel('User').fill('ada@rheintal.example');
    await dialog.getByLabel('Country').fill('de');
    await dialog.getByLabel(/120 min/).check();
    await button(dialog, 'Assign').click();
    await dialog.waitFor({ state: 'detached' });
    await region(page, 'Users')
      .getByRole('row')
      .filter({ hasText: 'ada@rheintal.example' })
      .filter({ hasText: '120 min' })
      .waitFor();
    const file = region(page, 'Assign by file');
    const choose = (rows: string): Promise<void> =>
      file.getByLabel('CSV file').setInputFiles({
        name: 'licences.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(`user,country,licences\n${rows}\n`),
      });
    await choose('bob@rheintal.example,DE,calling-plan-12O');
    await button(file, 'Check only').click();
    await file.getByRole('alert').getByText('Line 2').waitFor();
    await choose('bob@rheintal.example,DE,calling-plan-120');
    await button(file, 'Upload file').click();
    await file.getByText('Rows: 1. Assigned: 1. So already: 0.').waitFor();
    await goTo(page, 'Overview');
    await region(page, 'Included minutes').getByText('0 of 240 min used, 240 left').waitFor();
  });
});
