// A server that stops answering while the console is open: the page says what is wrong and what to do, and is itself again afterwards.

import { expect, test } from '@jest/globals';
import { button, goTo, region, untilAmount, untilLive } from './reading.js';
import { inChromium } from './stage.js';

inChromium({ toleratedErrors: /Refusal/ }, (stage) => {
  test('what cannot be asked is said, with a way to try again; nothing of it stays once the server is back', async () => {
    const { api } = stage();
    await api.put('/v1/tenants/rheintal', { currency: 'EUR' });
    await api.buy('rheintal', 'invoice-1', { amount: '20', method: 'invoice', reference: 'INV-1' });
    const page = await stage().visit();
    await page.goto('/console/rheintal/recharges');
    await untilLive(page);
    await untilAmount(page, 'balance', '20');

    await stage().stopServer();
    await page.locator('[data-testid="live"][data-state="lost"]').waitFor();
    const buy = region(page, 'Buy credit');
    await buy.getByLabel('Amount').fill('30');
    await button(buy, 'Buy credit').click();
    const alert = buy.getByRole('alert');
    await alert.getByText('The server does not answer').waitFor();
    await alert.getByText('Check the network, and that the API is running; then try again.').waitFor();
    // What was known stays in sight, and so does what was typed.
    await untilAmount(page, 'balance', '20');
    expect(await buy.getByLabel('Amount').inputValue()).toBe('30');
    // A page that was not fetched yet cannot be either.
    await page.getByRole('navigation').getByRole('link', { name: 'People' }).click();
    const missing = page.getByRole('main').getByRole('alert').filter({ hasText: 'A part of the console could not be fetched.' });
    await button(missing, 'Retry').click();
    await missing.waitFor();
    await goTo(page, 'Recharges');
    await page.getByRole('navigation').getByRole('link', { name: 'People' }).click();

    await stage().startServer();
    await button(missing, 'Retry').click();
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await untilLive(page);
    await goTo(page, 'Recharges');
    await buy.getByLabel('Amount').fill('30');
    await button(buy, 'Buy credit').click();
    await untilAmount(page, 'balance', '50');
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
