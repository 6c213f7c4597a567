// Step CDR, tenant: a `Cdr` and the effective-dated mapping in, the tenant and the rule that named it out, or
// `unknown-tenant`. A rule is judged at the call's answer (else setup, else end), so a CDR that comes late finds the
// tenant that had the trunk then.
import { type Cdr, type CdrRejection, rejectCdr, shown, type TenantHints } from './cdr.js';
import { isRecord, type UncheckedRecord } from './record-reader.js';
import type { SettingsFault, SourceSettings } from './source.js';
import { parseInstant } from './times.js';

export type MappingRule = {
  /** Stands in every event of a call it maps. */
  readonly id: string;
  /** Null: for every source. */
  readonly source: string | null;
  /** All fields named must be equal. Empty means every record of the source. */
  readonly match: Partial<TenantHints>;
  readonly tenant: string;
  readonly validFromMs: number;
  /** Exclusive. */
  readonly validToMs: number;
};

export type NamedTenant = { readonly tenant: string; readonly rule: string };

export type TenantMapping = {
  /** The combinations of fields in use, most fields first, so that the most specific rule wins. */
  readonly masks: readonly number[];
  readonly rules: ReadonlyMap<string, readonly MappingRule[]>;
};

/** The rule's id where the source trusts the record to name its tenant. */
export const TENANT_FIELD_RULE = 'field:tenant';

/** A tenant is part of a stream's name and of message keys. */
export const TENANT_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** In order of weight: of two rules with as many fields, the one with the earlier field wins. */
const MATCH_FIELDS = ['tenant', 'accountCode', 'sipDomain', 'trunk'] as const;
const ALL_MASKS = [15, 14, 13, 11, 7, 12, 10, 9, 6, 5, 3, 8, 4, 2, 1, 0];

/** `{ accountCode: '1001' }` with a rule for account 1001 of its source → `{ tenant: 'acme', rule: 'acme-1001' }`. */
export function tenantOf(cdr: Cdr, source: SourceSettings, mapping: TenantMapping): NamedTenant | CdrRejection {
  const { tenantHints } = cdr;
  if (source.trustTenantField && tenantHints.tenant !== null) {
    if (TENANT_PATTERN.test(tenantHints.tenant)) return { tenant: tenantHints.tenant, rule: TENANT_FIELD_RULE };
    const expected = 'lower-case letters, digits, dot, dash and underscore, up to 63';
    return rejectCdr('unknown-tenant', `tenant held ${shown(tenantHints.tenant)}; expected ${expected}`, 'tenant');
  }
  const instantMs = cdr.answerTimeMs ?? cdr.setupTimeMs ?? cdr.endTimeMs ?? 0;
  const rule = ruleFor(source.name, tenantHints, instantMs, mapping) ?? ruleFor(null, tenantHints, instantMs, mapping);
  if (rule !== null) return { tenant: rule.tenant, rule: rule.id };
  const held = MATCH_FIELDS.filter((field) => tenantHints[field] !== null);
  const seen = held.map((field) => `${field} ${shown(tenantHints[field])}`).join(', ') || 'nothing that names one';
  const at = new Date(instantMs).toISOString();
  return rejectCdr('unknown-tenant', `the record held ${seen}; expected a mapping rule of ${source.name} valid at ${at}`);
}

function ruleFor(source: string | null, hints: TenantHints, instantMs: number, mapping: TenantMapping): MappingRule | null {
  for (const mask of mapping.masks) {
    const rules = mapping.rules.get(keyOf(source, hints, mask));
    const rule = rules?.find(({ validFromMs, validToMs }) => validFromMs <= instantMs && instantMs < validToMs);
    if (rule !== undefined) return rule;
  }
  return null;
}

/** The fields of the mask, joined by a control character, which no field of a CDR holds. */
function keyOf(source: string | null, values: Partial<TenantHints>, mask: number): string {
  let key = `${source ?? ''}\u0001${mask}`;
  for (let at = 0; at < MATCH_FIELDS.length; at++) {
    if ((mask & (8 >> at)) !== 0) key += `\u0001${values[MATCH_FIELDS[at] ?? 'tenant'] ?? ''}`;
  }
  return key;
}

function maskOf(match: Partial<TenantHints>): number {
  return MATCH_FIELDS.reduce((mask, field, at) => (typeof match[field] === 'string' ? mask | (8 >> at) : mask), 0);
}

/** The rules of all sources as maps; faults are rules that could both name the tenant of one call. */
export function compileTenantMapping(
  rules: readonly MappingRule[],
): { readonly mapping: TenantMapping } | { readonly faults: readonly SettingsFault[] } {
  const byKey = new Map<string, MappingRule[]>();
  const masks = new Set<number>();
  for (const rule of rules) {
    const mask = maskOf(rule.match);
    masks.add(mask);
    const key = keyOf(rule.source, rule.match, mask);
    byKey.set(key, [...(byKey.get(key) ?? []), rule]);
  }
  const faults: SettingsFault[] = [];
  for (const alike of byKey.values()) {
    alike.sort((a, b) => a.validFromMs - b.validFromMs);
    for (const [at, rule] of alike.entries()) {
      const next = alike[at + 1];
      if (next === undefined || next.validFromMs >= rule.validToMs) continue;
      const from = Number.isFinite(next.validFromMs) ? new Date(next.validFromMs).toISOString() : 'the beginning';
      const message = `rules ${rule.id} and ${next.id} match the same records from ${from}; end one before the other begins`;
      faults.push({ path: 'mapping', message });
    }
  }
  if (faults.length > 0) return { faults };
  return { mapping: { masks: ALL_MASKS.filter((mask) => masks.has(mask)), rules: byKey } };
}

/**
 * The rules as an operator writes them: `{ id, source?, match: { accountCode?, sipDomain?, trunk?, tenant? }, tenant,
 * validFrom?, validTo? }`. `ownSource` is the source whose settings hold the rules, or null.
 */
export function parseMappingRules(
  json: unknown,
  ownSource: string | null,
): { readonly rules: readonly MappingRule[] } | { readonly faults: readonly SettingsFault[] } {
  if (!Array.isArray(json)) return { faults: [{ path: 'mapping', message: 'expected an array of rules' }] };
  const faults: SettingsFault[] = [];
  const rules: MappingRule[] = [];
  const ids = new Set<string>();
  for (const [index, unchecked] of json.entries()) {
    const path = `mapping[${index}]`;
    if (!isRecord(unchecked)) {
      faults.push({ path, message: 'expected an object' });
      continue;
    }
    const rule = ruleOf(unchecked, ownSource, path, faults);
    if (ids.has(rule.id)) faults.push({ path: `${path}.id`, message: `${rule.id} names two rules` });
    ids.add(rule.id);
    rules.push(rule);
  }
  const compiled = compileTenantMapping(rules);
  if ('faults' in compiled) faults.push(...compiled.faults);
  return faults.length > 0 ? { faults } : { rules };
}

function ruleOf(unchecked: UncheckedRecord, ownSource: string | null, path: string, faults: SettingsFault[]): MappingRule {
  const { id, source, match, tenant, validFrom, validTo } = unchecked;
  const fault = (field: string, held: unknown, expected: string): void => {
    faults.push({ path: `${path}.${field}`, message: `held ${shown(held)}; expected ${expected}` });
  };
  if (!isText(id)) fault('id', id, 'the id of the rule');
  if (typeof tenant !== 'string' || !TENANT_PATTERN.test(tenant))
    fault('tenant', tenant, 'a tenant: lower-case letters, digits, dot, dash and underscore, up to 63');
  if (source !== undefined && (!isText(source) || (ownSource !== null && source !== ownSource))) {
    fault('source', source, ownSource === null ? 'the name of a source' : `${ownSource}, or nothing`);
  }
  const ruleSource = isText(source) ? source : ownSource;
  const checked = matchOf(match, `${path}.match`, faults);
  if (checked !== null && Object.keys(checked).length === 0 && ruleSource === null) {
    fault('match', match, `one of ${MATCH_FIELDS.join(', ')}, unless a source is named`);
  }
  const validFromMs = boundOf(validFrom, -Infinity);
  const validToMs = boundOf(validTo, Infinity);
  const anInstant = 'an instant as ISO 8601 with its offset';
  if (Number.isNaN(validFromMs)) fault('validFrom', validFrom, anInstant);
  if (Number.isNaN(validToMs)) fault('validTo', validTo, anInstant);
  if (validFromMs >= validToMs) fault('validTo', validTo, 'an instant after validFrom');
  return {
    id: isText(id) ? id : path,
    source: ruleSource,
    match: checked ?? {},
    tenant: String(tenant),
    validFromMs: Number.isNaN(validFromMs) ? -Infinity : validFromMs,
    validToMs: Number.isNaN(validToMs) ? Infinity : validToMs,
  };
}

function matchOf(match: unknown, path: string, faults: SettingsFault[]): Partial<TenantHints> | null {
  if (!isRecord(match)) {
    faults.push({ path, message: `held ${shown(match)}; expected an object` });
    return null;
  }
  const checked: { -readonly [F in keyof TenantHints]?: string } = {};
  for (const [field, value] of Object.entries(match)) {
    const known = MATCH_FIELDS.find((name) => name === field);
    if (known === undefined || !isText(value)) {
      const message = `held ${shown(value)}; expected a text under one of ${MATCH_FIELDS.join(', ')}`;
      faults.push({ path: `${path}.${field}`, message });
    } else checked[known] = known === 'sipDomain' ? value.toLowerCase() : value;
  }
  return checked;
}

function boundOf(value: unknown, absent: number): number {
  if (value === undefined || value === null) return absent;
  return typeof value === 'string' ? parseInstant(value, null) : NaN;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^\P{Cc}{1,256}$/u.test(value);
}
