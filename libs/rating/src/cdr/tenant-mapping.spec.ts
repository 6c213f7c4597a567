// Step CDR, tenant: which rule names it, when, and what is wrong with a mapping.
import { describe, expect, test } from '@jest/globals';
import { canonicalCdr } from './canonical.js';
import { type Cdr, isCdrRejection, type TenantHints } from './cdr.js';
import { canonicalRecord } from './fixtures/canonical.js';
import { sourceWith } from './fixtures/source.js';
import type { SourceSettings } from './source.js';
import { compileTenantMapping, parseMappingRules, tenantOf } from './tenant-mapping.js';

const NO_HINTS: TenantHints = { accountCode: null, sipDomain: null, trunk: null, tenant: null };

function cdrWith(hints: Partial<TenantHints>, changes: Partial<Cdr> = {}): Cdr {
  const cdr = canonicalCdr(canonicalRecord);
  if (isCdrRejection(cdr)) throw new Error(cdr.reason);
  return { ...cdr, ...changes, tenantHints: { ...NO_HINTS, ...hints } };
}

function named(rules: unknown, cdr: Cdr, settings: Partial<SourceSettings> = {}): string {
  const parsed = parseMappingRules(rules, null);
  const compiled = 'faults' in parsed ? parsed : compileTenantMapping(parsed.rules);
  if ('faults' in compiled) return compiled.faults.map(({ path, message }) => `${path} ${message}`).join('; ');
  const found = tenantOf(cdr, sourceWith(settings), compiled.mapping);
  return isCdrRejection(found) ? found.code : `${found.tenant} by ${found.rule}`;
}

const account = { id: 'account', match: { accountCode: 'acme-main' }, tenant: 'acme' };
const domain = { id: 'domain', match: { sipDomain: 'ACME.example' }, tenant: 'acme' };
const trunk = { id: 'trunk', match: { trunk: 't-1' }, tenant: 'acme' };

describe('the rule', () => {
  test.each([
    ['by account code', [account], { accountCode: 'acme-main' }, 'acme by account'],
    ['by SIP domain, whatever its case', [domain], { sipDomain: 'acme.example' }, 'acme by domain'],
    ['by trunk', [trunk], { trunk: 't-1' }, 'acme by trunk'],
    [
      'account before domain before trunk',
      [trunk, domain, account],
      { accountCode: 'acme-main', sipDomain: 'acme.example', trunk: 't-1' },
      'acme by account',
    ],
    [
      'more fields before fewer',
      [account, { id: 'both', match: { sipDomain: 'a.b', trunk: 't-1' }, tenant: 'x' }],
      { accountCode: 'acme-main', sipDomain: 'a.b', trunk: 't-1' },
      'x by both',
    ],
    [
      'all fields must match',
      [{ id: 'both', match: { accountCode: 'acme-main', trunk: 't-2' }, tenant: 'x' }],
      { accountCode: 'acme-main', trunk: 't-1' },
      'unknown-tenant',
    ],
    [
      'its source before every source',
      [account, { ...trunk, id: 'own', source: 'pbx-1' }],
      { accountCode: 'acme-main', trunk: 't-1' },
      'acme by own',
    ],
    ['not another source’s', [{ ...account, source: 'pbx-2' }], { accountCode: 'acme-main' }, 'unknown-tenant'],
    ['everything of a source', [{ id: 'all', source: 'pbx-1', match: {}, tenant: 'contoso' }], {}, 'contoso by all'],
    ['no hint at all', [account], {}, 'unknown-tenant'],
  ] as const)('%s', (_name, rules, hints, expected) => {
    expect(named(rules, cdrWith(hints))).toBe(expected);
  });
});

describe('effective dates, judged at answer, else at setup', () => {
  const moved = [
    { ...account, id: 'old', tenant: 'old-owner', validTo: '2026-03-02T09:00:04.250Z' },
    { ...account, id: 'new', tenant: 'new-owner', validFrom: '2026-03-02T09:00:04.250Z' },
  ];
  test('the bound belongs to the later rule', () => {
    expect(named(moved, cdrWith({ accountCode: 'acme-main' }))).toBe('new-owner by new');
  });
  test('an unanswered call by its setup', () => {
    expect(named(moved, cdrWith({ accountCode: 'acme-main' }, { answerTimeMs: null }))).toBe('old-owner by old');
  });
  test('a gap names nobody', () => {
    expect(named([{ ...account, validTo: '2026-01-01T00:00:00Z' }], cdrWith({ accountCode: 'acme-main' }))).toBe(
      'unknown-tenant',
    );
  });
});

describe('the tenant field', () => {
  test('is believed only where the source trusts it', () => {
    expect(named([], cdrWith({ tenant: 'acme' }))).toBe('unknown-tenant');
    expect(named([], cdrWith({ tenant: 'acme' }), { trustTenantField: true })).toBe('acme by field:tenant');
  });
  test('must be a tenant’s name', () => {
    expect(named([], cdrWith({ tenant: '../x' }), { trustTenantField: true })).toBe('unknown-tenant');
  });
  test('can be matched by a rule', () => {
    expect(named([{ id: 'r', match: { tenant: '17' }, tenant: 'acme' }], cdrWith({ tenant: '17' }))).toBe('acme by r');
  });
});

describe('faults of a mapping, all at once', () => {
  test.each([
    ['no array', {}, /expected an array/],
    ['an overlap', [account, { ...account, id: 'again' }], /rules account and again match the same records from the beginning/],
    [
      'an overlap by a moment',
      [
        { ...account, validTo: '2026-01-02T00:00:00Z' },
        { ...account, id: 'b', validFrom: '2026-01-01T00:00:00Z' },
      ],
      /from 2026-01-01/,
    ],
    ['one id twice', [account, { ...trunk, id: 'account' }], /mapping\[1\]\.id account names two rules/],
    ['an unknown field', [{ id: 'x', match: { colour: 'red' }, tenant: 'acme' }], /mapping\[0\]\.match\.colour/],
    ['an empty match of no source', [{ id: 'x', match: {}, tenant: 'acme' }], /unless a source is named/],
    [
      'a bad tenant and a bad date',
      [{ ...account, tenant: 'a b', validFrom: 'soon' }],
      /\.tenant held "a b".*; .*\.validFrom held "soon"/,
    ],
    [
      'an end before its beginning',
      [{ ...account, validFrom: '2026-02-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z' }],
      /an instant after validFrom/,
    ],
  ])('%s', (_name, rules, expected) => {
    expect(named(rules, cdrWith({}))).toMatch(expected);
  });

  test('rules that only touch do not overlap', () => {
    const rules = [
      { ...account, validTo: '2026-01-01T00:00:00Z' },
      { ...account, id: 'b', validFrom: '2026-01-01T00:00:00Z' },
    ];
    expect(parseMappingRules(rules, null)).toHaveProperty('rules');
  });
});
