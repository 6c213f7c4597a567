// Step CDR, sources: the operator's JSON in, one checked `SourceSettings` per switch out, or every fault with its place.
import { CDR_FORMATS, type CdrFormat } from './cdr.js';
import { isRecord, type UncheckedRecord } from './record-reader.js';
import { type MappingRule, parseMappingRules } from './tenant-mapping.js';
import { isCountry } from './numbers.js';
import { isTimezone } from './times.js';

export type SourceSettings = {
  /** The source's name in every business key: never change it, or known CDRs become new ones. */
  readonly name: string;
  readonly topics: readonly string[];
  /** `other`: the topics are keyed by something else than the tenant, and are re-keyed first. */
  readonly keyedBy: 'tenant' | 'other';
  /** Null: by the message's `cdr-format` header, else by its shape. */
  readonly format: CdrFormat | null;
  /** IANA name; for times without an offset. */
  readonly timezone: string;
  /** ISO 3166 alpha-2: the country whose national numbers the source sends. */
  readonly defaultCountry: string | null;
  /** Dialled before a country code; null is the country's own. */
  readonly internationalPrefixes: readonly string[] | null;
  /** Digits dialled for an outside line, e.g. `9`; they stand before everything else. */
  readonly trunkPrefix: string | null;
  /** What digits without any prefix are; null is `national` with a default country, else `international`. */
  readonly plainDigits: 'national' | 'international' | null;
  /** Beyond the default country's own. */
  readonly emergencyNumbers: readonly string[];
  /** Which figure bills: the call's exact duration, or the switch's own, which each rounds in its way. */
  readonly billedUsage: 'milliseconds' | 'switch';
  /** FreeSWITCH: which leg of a call bills. */
  readonly billsLeg: 'a' | 'b';
  /** Carriers: Asterisk peers (`PJSIP/carrier` or `carrier`), FreeSWITCH gateways, device names of a Cisco CUCM. */
  readonly trunks: readonly string[];
  /** Dialplan contexts in which a carrier's calls arrive. */
  readonly trunkContexts: readonly string[];
  /** Asterisk: the columns of its CSV, where they are neither cdr_csv's nor cdr_custom's sample. */
  readonly csvColumns: readonly string[] | null;
  /** The canonical `tenant` field (`tollkeeper_tenant`, `tenantid`) names the tenant without a rule. */
  readonly trustTenantField: boolean;
  /** Rules for this source alone; see tenant-mapping.ts. */
  readonly mapping: readonly MappingRule[];
};

export type SettingsFault = { readonly path: string; readonly message: string };

export const DEFAULT_SOURCE: SourceSettings = {
  name: 'default',
  topics: [],
  keyedBy: 'tenant',
  format: null,
  timezone: 'UTC',
  defaultCountry: null,
  internationalPrefixes: null,
  trunkPrefix: null,
  plainDigits: null,
  emergencyNumbers: [],
  billedUsage: 'milliseconds',
  billsLeg: 'a',
  trunks: [],
  trunkContexts: [],
  csvColumns: null,
  trustTenantField: false,
  mapping: [],
};

const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const DIGITS_PATTERN = /^[0-9*#]{1,8}$/;
const MAX_LIST_ITEMS = 1000;

/** `[{ "name": "pbx-1", "topics": ["cdr"], "timezone": "Europe/Paris", "defaultCountry": "FR" }]` */
export function parseSources(
  json: unknown,
): { readonly sources: readonly SourceSettings[] } | { readonly faults: readonly SettingsFault[] } {
  if (!Array.isArray(json)) return { faults: [{ path: 'sources', message: 'expected an array of sources' }] };
  const faults: SettingsFault[] = [];
  const sources: SourceSettings[] = [];
  const names = new Set<string>();
  const topics = new Map<string, string>();
  for (const [index, unchecked] of json.entries()) {
    const path = `sources[${index}]`;
    if (!isRecord(unchecked)) {
      faults.push({ path, message: 'expected an object' });
      continue;
    }
    const source = sourceOf(unchecked, path, faults);
    if (names.has(source.name)) faults.push({ path: `${path}.name`, message: `${source.name} names two sources` });
    names.add(source.name);
    for (const topic of source.topics) {
      const owner = topics.get(topic);
      if (owner !== undefined) faults.push({ path: `${path}.topics`, message: `${topic} is already a topic of ${owner}` });
      topics.set(topic, source.name);
    }
    sources.push(source);
  }
  return faults.length > 0 ? { faults } : { sources };
}

function sourceOf(unchecked: UncheckedRecord, path: string, faults: SettingsFault[]): SourceSettings {
  for (const key of Object.keys(unchecked)) {
    if (!Object.hasOwn(DEFAULT_SOURCE, key)) {
      const known = Object.keys(DEFAULT_SOURCE).join(', ');
      faults.push({ path: `${path}.${key}`, message: `is not a setting of a source; expected one of ${known}` });
    }
  }
  const read = new SettingsReader(unchecked, path, faults);
  const name = read.text('name', (text) => NAME_PATTERN.test(text), 'letters, digits, dot, dash and underscore, up to 64');
  if (name === null) read.fault('name', 'is missing; expected the name of the source');
  return {
    name: name ?? '',
    topics: read.texts('topics') ?? DEFAULT_SOURCE.topics,
    keyedBy: read.oneOf('keyedBy', ['tenant', 'other']) ?? DEFAULT_SOURCE.keyedBy,
    format: read.oneOf('format', CDR_FORMATS),
    timezone: read.text('timezone', isTimezone, 'an IANA time zone such as Europe/Paris') ?? DEFAULT_SOURCE.timezone,
    defaultCountry: read.text('defaultCountry', isCountry, 'an ISO 3166 alpha-2 country with a calling code, such as FR'),
    internationalPrefixes: read.texts('internationalPrefixes', DIGITS_PATTERN),
    trunkPrefix: read.text('trunkPrefix', (text) => DIGITS_PATTERN.test(text), 'up to 8 digits'),
    plainDigits: read.oneOf('plainDigits', ['national', 'international']),
    emergencyNumbers: read.texts('emergencyNumbers', DIGITS_PATTERN) ?? DEFAULT_SOURCE.emergencyNumbers,
    billedUsage: read.oneOf('billedUsage', ['milliseconds', 'switch']) ?? DEFAULT_SOURCE.billedUsage,
    billsLeg: read.oneOf('billsLeg', ['a', 'b']) ?? DEFAULT_SOURCE.billsLeg,
    trunks: read.texts('trunks') ?? DEFAULT_SOURCE.trunks,
    trunkContexts: read.texts('trunkContexts') ?? DEFAULT_SOURCE.trunkContexts,
    csvColumns: read.texts('csvColumns'),
    trustTenantField: read.flag('trustTenantField') ?? DEFAULT_SOURCE.trustTenantField,
    mapping: mappingOf(unchecked['mapping'], name, path, faults),
  };
}

function mappingOf(unchecked: unknown, sourceName: string | null, path: string, faults: SettingsFault[]): readonly MappingRule[] {
  if (unchecked === undefined) return DEFAULT_SOURCE.mapping;
  const parsed = parseMappingRules(unchecked, sourceName);
  if ('rules' in parsed) return parsed.rules;
  for (const fault of parsed.faults) faults.push({ path: `${path}.${fault.path}`, message: fault.message });
  return DEFAULT_SOURCE.mapping;
}

class SettingsReader {
  readonly #record: UncheckedRecord;
  readonly #path: string;
  readonly #faults: SettingsFault[];

  constructor(record: UncheckedRecord, path: string, faults: SettingsFault[]) {
    this.#record = record;
    this.#path = path;
    this.#faults = faults;
  }

  fault(key: string, message: string): void {
    this.#faults.push({ path: `${this.#path}.${key}`, message });
  }

  text(key: string, isAllowed: (text: string) => boolean, expected: string): string | null {
    const held = this.#record[key];
    if (held === undefined || held === null) return null;
    if (typeof held === 'string' && isAllowed(held)) return held;
    this.fault(key, `held ${JSON.stringify(held)}; expected ${expected}`);
    return null;
  }

  oneOf<T extends string>(key: string, words: readonly T[]): T | null {
    const text = this.text(key, (word) => words.some((allowed) => allowed === word), `one of ${words.join(', ')}`);
    return words.find((word) => word === text) ?? null;
  }

  texts(key: string, pattern = /^\P{Cc}{1,256}$/u): readonly string[] | null {
    const held = this.#record[key];
    if (held === undefined || held === null) return null;
    const items: readonly unknown[] = Array.isArray(held) ? held : [held];
    const texts = items.filter((item) => typeof item === 'string').filter((item) => pattern.test(item));
    if (Array.isArray(held) && texts.length === items.length && items.length <= MAX_LIST_ITEMS) return texts;
    this.fault(key, `held ${JSON.stringify(held)?.slice(0, 80)}; expected an array of up to ${MAX_LIST_ITEMS} texts`);
    return null;
  }

  flag(key: string): boolean | null {
    const held = this.#record[key];
    if (held === undefined || typeof held === 'boolean') return held ?? null;
    this.fault(key, `held ${JSON.stringify(held)}; expected true or false`);
    return null;
  }
}
