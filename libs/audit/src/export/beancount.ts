// Export as a file of beancount: every posting is a transaction, and `balance` directives without tolerance stand behind each month of
// a tenant and behind the end, so that bean-check itself finds out whether it agrees with the ledger.
//
// beancount asserts at the beginning of a day, so a balance stands at the day after. Dates are those of `recordedAt` in UTC; the
// metadata `effective` tells when it counted. Amounts on the debit side are above zero: what is owed to a tenant stands below.

import { decimalOf, microsOf } from '@tollkeeper/money';
import type { ExportItem, Posting } from './postings.js';
import { onOneLine, type TextFormat } from './text-format.js';
import { TrialBalance, type BookAccount } from './trial-balance.js';

const ACCOUNTS: Readonly<Record<BookAccount, string>> = {
  'tenant-credit': 'Liabilities:Tenant-Credit',
  'call-revenue': 'Income:Call-Revenue',
  'cash-clearing': 'Assets:Cash-Clearing',
  'expired-credit': 'Income:Expired-Credit',
  adjustments: 'Equity:Adjustments',
  'opening-balances': 'Equity:Opening-Balances',
};
/** Of the accounts that all tenants share: before any ledger. */
const OPEN_FROM = '1970-01-01';
const MS_PER_DAY = 86_400_000;
const HASH_DIGITS = 16;

type Standing = { readonly date: string; readonly balance: string; readonly currency: string };

export function beancount(): TextFormat {
  const trial = new TrialBalance();
  const currencies = new Set<string>();
  const standing = new Map<string, Standing>();
  let lastDate = '';
  return {
    head() {
      const shared = Object.entries(ACCOUNTS).filter(([account]) => account !== 'tenant-credit');
      const opens = shared.map(([, name]) => `${OPEN_FROM} open ${name}`);
      return ['option "title" "Tollkeeper\'s postings"', ...opens, '', ''].join('\n');
    },
    item(item) {
      const { tenant, currency, balance } = item;
      const date = (item.kind === 'posting' ? item.recordedAt : item.at).slice(0, 10);
      const before = standing.get(tenant);
      const lines: string[] = [];
      if (!currencies.has(currency)) lines.push(`option "operating_currency" "${currency}"\n\n`);
      if (before === undefined) lines.push(`${date} open ${tenantAccount(tenant)} ${currency}\n  tenant: ${quoted(tenant)}\n\n`);
      else if (before.date.slice(0, 7) < date.slice(0, 7)) lines.push(monthEnd(tenant, before));
      trial.add(item);
      currencies.add(currency);
      standing.set(tenant, { date, balance, currency });
      if (date > lastDate) lastDate = date;
      return lines.join('') + (item.kind === 'posting' ? transaction(item, date) : opening(item, date));
    },
    tail() {
      const day = lastDate === '' ? '' : dayAfter(lastDate);
      const lines = trial.balances().map(({ account, tenant, currency, micros }) => {
        const name = tenant === null ? ACCOUNTS[account] : tenantAccount(tenant);
        return assertion(day, name, decimalOf(micros), currency);
      });
      return lines.join('');
    },
  };
}

/** `~ 0`: beancount would otherwise put up with a difference in the last decimal that is written. */
function assertion(date: string, account: string, amount: string, currency: string): string {
  return `${date} balance ${account}  ${amount} ~ 0 ${currency}\n`;
}

function monthEnd(tenant: string, { date, balance, currency }: Standing): string {
  const [year = 0, month = 0] = date.split('-').map(Number);
  const next = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
  return `${assertion(next, tenantAccount(tenant), negated(balance), currency)}\n`;
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + MS_PER_DAY).toISOString().slice(0, 10);
}

function transaction(posting: Posting, date: string): string {
  const { amount, credit, currency, debit, description, tenant } = posting;
  const leg = (account: BookAccount, of: string): string => {
    const name = account === 'tenant-credit' ? tenantAccount(tenant) : ACCOUNTS[account];
    return `  ${name}  ${of} ${currency}\n`;
  };
  const metadata = Object.entries(metadataOf(posting)).map(([name, value]) => `  ${name}: ${value}\n`);
  return `${date} * ${quoted(description)}\n${metadata.join('')}${leg(debit, amount)}${leg(credit, negated(amount))}\n`;
}

function opening({ tenant, currency, balance }: ExportItem, date: string): string {
  const legs = [
    `  ${tenantAccount(tenant)}  ${negated(balance)} ${currency}\n`,
    `  ${ACCOUNTS['opening-balances']}  ${balance} ${currency}\n`,
  ];
  return `${date} * "Opening balance"\n  tenant: ${quoted(tenant)}\n${legs.join('')}\n`;
}

function metadataOf(posting: Posting): Readonly<Record<string, string>> {
  const { cdrId, effectiveAt, hash, reference, revision, source, tenant, type } = posting;
  return {
    tenant: quoted(tenant),
    revision: String(revision),
    type: quoted(type),
    effective: quoted(effectiveAt),
    ...(cdrId === null ? {} : { cdr: quoted(cdrId), source: quoted(source ?? '') }),
    ...(reference === null ? {} : { reference: quoted(reference) }),
    hash: quoted(hash.slice(0, HASH_DIGITS)),
  };
}

function negated(amount: string): string {
  return decimalOf(-microsOf(amount));
}

function quoted(text: string): string {
  return `"${onOneLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function tenantAccount(tenant: string): string {
  return `${ACCOUNTS['tenant-credit']}:${accountComponent(tenant)}`;
}

/**
 * A tenant's name as part of an account, which begins with a capital letter or a digit and holds letters, digits and dashes:
 * `acme` → `Acme`, `contoso.com` → `ContosoDotcom`, `a_b` → `ALowb`. Tenants have no capital letters, so that those written here,
 * all but a first one, are signs of their own, and no two tenants share an account. Anything else stands as `X` its code `Z`.
 */
export function accountComponent(tenant: string): string {
  const [first = '', ...others] = tenant;
  const begins = /[a-z0-9]/.test(first) ? first.toUpperCase() : byCode(first);
  return (
    begins +
    others.map((character) => (/[a-z0-9-]/.test(character) ? character : (SIGNS[character] ?? byCode(character)))).join('')
  );
}

const SIGNS: Readonly<Record<string, string>> = { '.': 'Dot', _: 'Low' };

function byCode(character: string): string {
  return `X${character === '' ? '' : (character.codePointAt(0) as number).toString(16)}Z`;
}
