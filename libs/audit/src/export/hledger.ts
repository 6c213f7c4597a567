// Export as a journal of hledger (read by Ledger too): every posting is a transaction that asserts the tenant's balance after it, and
// the last one asserts all accounts, so that hledger itself finds out whether it agrees with the ledger.
//
// Dates are those of `recordedAt` in UTC, since balances follow one another in that order; the tag `effective` tells when it counted.
// Amounts on the debit side are above zero: what is owed to a tenant stands below.

import { decimalOf, microsOf } from '@tollkeeper/money';
import type { ExportItem, Posting } from './postings.js';
import { onOneLine, type TextFormat } from './text-format.js';
import { TrialBalance, type BookAccount } from './trial-balance.js';

const ACCOUNTS: Readonly<Record<BookAccount, { readonly name: string; readonly type: string }>> = {
  'tenant-credit': { name: 'Liabilities:Tenant-Credit', type: 'L' },
  'call-revenue': { name: 'Income:Call-Revenue', type: 'R' },
  'cash-clearing': { name: 'Assets:Cash-Clearing', type: 'A' },
  'expired-credit': { name: 'Income:Expired-Credit', type: 'R' },
  adjustments: { name: 'Equity:Adjustments', type: 'E' },
  'opening-balances': { name: 'Equity:Opening-Balances', type: 'E' },
};

export function hledger(): TextFormat {
  const trial = new TrialBalance();
  const [currencies, tenants] = [new Set<string>(), new Set<string>()];
  let lastDate = '';
  const declared = ({ currency, tenant }: ExportItem): string => {
    const lines: string[] = [];
    // The ledger counts millionths; with fewer decimals hledger would show rounded sums.
    if (!currencies.has(currency)) lines.push(`commodity 1000.000000 ${currency}`);
    if (!tenants.has(tenant)) lines.push(`account ${tenantAccount(tenant)}`);
    currencies.add(currency);
    tenants.add(tenant);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
  };
  return {
    head() {
      const accounts = Object.values(ACCOUNTS).map(({ name, type }) => `account ${name}  ; type:${type}`);
      return [
        "; Tollkeeper's postings: check with hledger check, or hledger check --strict",
        'decimal-mark .',
        ...accounts,
        '',
        '',
      ].join('\n');
    },
    item(item) {
      trial.add(item);
      const date = (item.kind === 'posting' ? item.recordedAt : item.at).slice(0, 10);
      if (date > lastDate) lastDate = date;
      return declared(item) + (item.kind === 'posting' ? transaction(item, date) : opening(item, date));
    },
    tail() {
      const lines = trial.balances().map(({ account, tenant, currency, micros }) => {
        const name = tenant === null ? ACCOUNTS[account].name : tenantAccount(tenant);
        return `    ${name}  0 ${currency} = ${decimalOf(micros)} ${currency}\n`;
      });
      return lines.length === 0 ? '' : `${lastDate} (closing) Balances of all accounts\n${lines.join('')}\n`;
    },
  };
}

function transaction(posting: Posting, date: string): string {
  const { amount, balance, credit, currency, debit, description, revision, tenant } = posting;
  const leg = (account: BookAccount, of: string): string => {
    if (account !== 'tenant-credit') return `    ${ACCOUNTS[account].name}  ${of} ${currency}\n`;
    return `    ${tenantAccount(tenant)}  ${of} ${currency} = ${negated(balance)} ${currency}\n`;
  };
  const tags = Object.entries(tagsOf(posting)).map(([name, value]) => `    ; ${name}:${tagValue(value)}\n`);
  return `${date} (${revision}) ${payeeText(description)}\n${tags.join('')}${leg(debit, amount)}${leg(credit, negated(amount))}\n`;
}

function opening({ tenant, currency, balance }: ExportItem, date: string): string {
  const name = tenantAccount(tenant);
  const owed = `${negated(balance)} ${currency}`;
  const from = `    ${ACCOUNTS['opening-balances'].name}  ${balance} ${currency}\n`;
  return `${date} (opening) Opening balance\n    ; tenant:${tagValue(tenant)}\n    ${name}  ${owed} = ${owed}\n${from}\n`;
}

/** Of the hash as many digits as name an event beyond doubt and still fit a line. */
const HASH_DIGITS = 16;

function tagsOf({ cdrId, effectiveAt, hash, reference, source, tenant, type }: Posting): Readonly<Record<string, string>> {
  return {
    tenant,
    type,
    effective: effectiveAt,
    ...(cdrId === null ? {} : { cdr: cdrId, source: source ?? '' }),
    ...(reference === null ? {} : { reference }),
    hash: hash.slice(0, HASH_DIGITS),
  };
}

function negated(amount: string): string {
  return decimalOf(-microsOf(amount));
}

/** `Liabilities:Tenant-Credit:acme`; what tenants are not named with today stands as %XX, so that no two share an account. */
function tenantAccount(tenant: string): string {
  return `${ACCOUNTS['tenant-credit'].name}:${encoded(tenant, /[^a-zA-Z0-9._-]/gu)}`;
}

/** A comma ends a tag's value and brackets may be a date; these, and what is not printed, stand as %XX. */
function tagValue(text: string): string {
  return encoded(text, /[%,[\]\p{Cc}\p{Zl}\p{Zp}]|^\s|\s$/gu);
}

function encoded(text: string, what: RegExp): string {
  return text.replaceAll(what, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  );
}

/** A semicolon begins a comment, a bar parts payee and note. */
function payeeText(text: string): string {
  return onOneLine(text).replaceAll(';', ',').replaceAll('|', '/');
}
