// Step CDR, all of it: bytes from a topic, file or request in, CDRs with tenant, E.164 numbers and fingerprint out, or one
// coded rejection for the message. What goes on from here to rating needs no setting of the source any more.
import { type Cdr, type CdrRejection, isCdrRejection, MAX_USAGE_MS } from './cdr.js';
import { fingerprintOf } from './fingerprint.js';
import { calledNumberFault, dialledNumber, type DialledNumber, type NumberPlan, numberPlanOf } from './numbers.js';
import { type MessageHeaders, parseCdrs } from './recognise.js';
import type { SettingsFault, SourceSettings } from './source.js';
import { compileTenantMapping, type MappingRule, type TenantMapping, tenantOf } from './tenant-mapping.js';

export type PreparedCdr = {
  readonly cdr: Cdr;
  readonly source: string;
  /** Both null only for a CDR that does not bill and whose tenant nothing names. */
  readonly tenant: string | null;
  readonly mappingRule: string | null;
  readonly calling: DialledNumber;
  readonly called: DialledNumber;
  readonly fingerprint: string;
};

export type Intake = {
  readonly sources: ReadonlyMap<string, SourceSettings>;
  readonly sourceByTopic: ReadonlyMap<string, SourceSettings>;
  readonly plans: ReadonlyMap<SourceSettings, NumberPlan>;
  readonly mapping: TenantMapping;
};

/** `rules` are those outside any source's own settings. */
export function compileIntake(
  sources: readonly SourceSettings[],
  rules: readonly MappingRule[] = [],
): { readonly intake: Intake } | { readonly faults: readonly SettingsFault[] } {
  const compiled = compileTenantMapping([...rules, ...sources.flatMap((source) => source.mapping)]);
  if ('faults' in compiled) return compiled;
  const intake: Intake = {
    sources: new Map(sources.map((source) => [source.name, source])),
    sourceByTopic: new Map(sources.flatMap((source) => source.topics.map((topic) => [topic, source]))),
    plans: new Map(sources.map((source) => [source, numberPlanOf(source)])),
    mapping: compiled.mapping,
  };
  return { intake };
}

/** Never throws. An empty list is a message that holds no CDR, such as another event of a FreeSWITCH. */
export function readCdrs(
  bytes: Uint8Array,
  source: SourceSettings,
  intake: Intake,
  headers: MessageHeaders = {},
): { readonly prepared: readonly PreparedCdr[] } | CdrRejection {
  const parsed = parseCdrs(bytes, source, headers);
  if (isCdrRejection(parsed)) return parsed;
  const prepared: PreparedCdr[] = [];
  for (const cdr of parsed.cdrs) {
    const ready = prepareCdr(cdr, source, intake);
    if (isCdrRejection(ready)) return ready;
    prepared.push(ready);
  }
  return { prepared };
}

/** A CDR that does not bill is recorded whatever it called (an extension, say) and whoever it belongs to. */
export function prepareCdr(cdr: Cdr, source: SourceSettings, intake: Intake): PreparedCdr | CdrRejection {
  const plan = intake.plans.get(source) ?? numberPlanOf(source);
  const bills = cdr.notBillable === null;
  const called = dialledNumber(cdr.calledNumber, plan);
  const fault = bills ? calledNumberFault(called, plan) : null;
  if (fault !== null) return fault;
  const named = tenantOf(cdr, source, intake.mapping);
  const isUnknown = isCdrRejection(named);
  if (isUnknown && bills) return named;
  return {
    cdr: source.billedUsage === 'switch' ? billedBySwitch(cdr) : cdr,
    source: source.name,
    tenant: isUnknown ? null : named.tenant,
    mappingRule: isUnknown ? null : named.rule,
    calling: dialledNumber(cdr.callingNumber, plan),
    called,
    fingerprint: fingerprintOf(cdr),
  };
}

/** A figure that is no number of seconds, or is missing, leaves the exact duration. The fingerprint does not see the change. */
function billedBySwitch(cdr: Cdr): Cdr {
  const { switchUsage } = cdr;
  if (switchUsage === null || !/^\d{1,7}(\.\d{1,3})?$/.test(switchUsage)) return cdr;
  const usageMs = Math.round(Number(switchUsage) * 1000);
  return usageMs <= MAX_USAGE_MS ? { ...cdr, usageMs } : cdr;
}
