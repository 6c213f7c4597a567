// Browser tests: where on a page something stands, and what is waited for there; nothing sleeps.

import { waitFor } from '@tollkeeper/testing';
import type { Locator, Page } from 'playwright-core';

const WITHIN_MS = 15_000;

/** A page's section, which is named as its heading. */
export function region(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

export function button(within: Page | Locator, name: string): Locator {
  return within.getByRole('button', { name, exact: true });
}

/** By a link of the navigation; the page is there once its heading is. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Waits until the exact decimal stands there. */
export async function untilAmount(page: Page, testId: string, amount: string): Promise<void> {
  await page.locator(`[data-testid="${testId}"][data-amount="${amount}"]`).waitFor();
}

export async function untilLive(page: Page): Promise<void> {
  await page.locator('[data-testid="live"][data-state="live"]').waitFor();
}

/** Loaded, and nothing on it waits for an answer any more. */
export async function untilSettled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
}

/** Of an expression in the page; nothing is evaluated by the page itself, whose policy forbids it. */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  await waitFor(() => page.evaluate<boolean>(expression), { timeoutMs: WITHIN_MS, what: expression });
}

/** A reload would forget it. */
export async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate('globalThis.isMarked = true');
  return () => page.evaluate<boolean>('globalThis.isMarked === true');
}

/** The fact of that name in a list of facts. */
export function fact(within: Locator, name: string): Locator {
  return within.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]');
}
