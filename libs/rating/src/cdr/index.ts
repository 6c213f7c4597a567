// Step CDR: bytes of one of the switch formats in, `Cdr`s out, or a coded rejection.
export {
  CDR_FORMATS,
  CDR_REJECTION_CODES,
  isCdrRejection,
  MAX_CDR_BYTES,
  MAX_INSTANT_MS,
  MAX_TEXT_CHARS,
  MAX_USAGE_MS,
  MIN_INSTANT_MS,
  NO_REPORT_INPUTS,
  rejectCdr,
} from './cdr.js';
export type { Cdr, CdrFormat, CdrParse, CdrRejection, CdrRejectionCode, NotBillable, ReportInputs, TenantHints } from './cdr.js';
export { parseCanonicalCsv, parseCanonicalJson } from './canonical.js';
export { parseFreeswitchEvent, parseFreeswitchJson } from './freeswitch.js';
export { parseAsteriskCsv, parseAsteriskJson } from './asterisk-csv.js';
export { parseGraphPstn } from './graph.js';
export { CDR_FORMAT_HEADER, parseCdrs } from './recognise.js';
export type { MessageHeaders } from './recognise.js';
export { readSources } from './read-sources.js';
export type { SourcesRead } from './read-sources.js';
export { DEFAULT_SOURCE, parseSources } from './source.js';
export type { SettingsFault, SourceSettings } from './source.js';
export { compileTenantMapping, parseMappingRules, TENANT_FIELD_RULE, TENANT_PATTERN, tenantOf } from './tenant-mapping.js';
export type { MappingRule, NamedTenant, TenantMapping } from './tenant-mapping.js';
export { calledNumberFault, dialledNumber, numberPlanOf } from './numbers.js';
export type { DialledNumber, NumberPlan } from './numbers.js';
export { emergencyNumbersOf } from './emergency-numbers.js';
export { FINGERPRINT_VERSION, fingerprintOf } from './fingerprint.js';
export { compileIntake, prepareCdr, readCdrs } from './intake.js';
export type { Intake, PreparedCdr } from './intake.js';
export { bodyKindOf, createCdrSplitter, splitCdrs } from './split.js';
export type { BodyKind, CdrSplitter } from './split.js';
export type { SplitRecord } from './split-scanners.js';
