// Step CDR, the way in: a message's bytes and headers in, its `Cdr`s out, or one coded rejection. The format is the source's
// setting, else the `cdr-format` header, else recognised by shape.
import { CDR_FORMATS, type CdrFormat, type CdrParse, type CdrRejection, isCdrRejection, rejectCdr, shown } from './cdr.js';
import { asteriskCdr } from './asterisk.js';
import { asteriskCsvCdrs, columnsOf, isAsteriskHeader } from './asterisk-csv.js';
import { canonicalCdr, canonicalCsvCdrs } from './canonical.js';
import { ciscoCdrs, isCiscoHeader } from './cisco-cucm.js';
import { csvRows } from './csv.js';
import { cdrsOfJson, jsonOf, textOf } from './decode.js';
import { FORM_PREFIX, freeswitchCdr, freeswitchEventCdr, freeswitchJsonCdrs } from './freeswitch.js';
import { graphCdrs } from './graph.js';
import { kamailioCdr } from './kamailio.js';
import { opensipsCdr } from './opensips.js';
import { isRecord, type UncheckedRecord } from './record-reader.js';
import type { SourceSettings } from './source.js';

export const CDR_FORMAT_HEADER = 'cdr-format';

/** As kafkajs and Node's HTTP server hand them over. */
export type MessageHeaders = Readonly<Record<string, Uint8Array | string | readonly (Uint8Array | string)[] | undefined>>;

export function parseCdrs(bytes: Uint8Array, source: SourceSettings, headers: MessageHeaders = {}): CdrParse {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const named = source.format ?? formatOfHeader(headers);
  if (named !== null && typeof named !== 'string') return named;
  if (isCsvFormat(named)) return csvCdrs(named, text, source);
  const start = text.trimStart();
  if (start.startsWith(FORM_PREFIX) && (named ?? 'freeswitch-json') === 'freeswitch-json') {
    return freeswitchJsonCdrs(start, source);
  }
  const isJson = named !== null || start.startsWith('{') || start.startsWith('[');
  if (!isJson) return csvCdrs(null, text, source);
  const decoded = jsonOf(text);
  if (isCdrRejection(decoded)) return decoded;
  const format = named ?? formatOfJson(decoded.json);
  return typeof format === 'string' ? jsonCdrs(format, decoded.json, source) : format;
}

function jsonCdrs(format: CdrFormat, json: unknown, source: SourceSettings): CdrParse {
  switch (format) {
    case 'canonical-json':
      return cdrsOfJson(json, canonicalCdr);
    case 'freeswitch-json':
      return cdrsOfJson(json, (record) => freeswitchCdr(record, source));
    case 'freeswitch-event':
      return cdrsOfJson(json, (record) => freeswitchEventCdr(record, source));
    case 'asterisk-json':
      return cdrsOfJson(json, (record) => asteriskCdr(record, source, 'asterisk-json'));
    case 'graph-pstn':
      return graphCdrs(json);
    case 'opensips-event':
      return cdrsOfJson(json, opensipsCdr);
    case 'kamailio-acc-json':
      return cdrsOfJson(json, (record) => kamailioCdr(record, source));
    case 'asterisk-csv':
    case 'canonical-csv':
    case 'cisco-cucm-csv':
      return rejectCdr('cdr-unknown-format', `the record held JSON; expected ${format}`);
  }
}

type CsvFormat = 'asterisk-csv' | 'canonical-csv' | 'cisco-cucm-csv';

function isCsvFormat(format: CdrFormat | null): format is CsvFormat {
  return format === 'asterisk-csv' || format === 'canonical-csv' || format === 'cisco-cucm-csv';
}

function formatOfHeader(headers: MessageHeaders): CdrFormat | CdrRejection | null {
  const header = Object.hasOwn(headers, CDR_FORMAT_HEADER) ? headers[CDR_FORMAT_HEADER] : undefined;
  const last = typeof header === 'string' || header instanceof Uint8Array ? header : header?.at(-1);
  if (last === undefined) return null;
  const name = typeof last === 'string' ? last : Buffer.from(last).toString('utf8');
  const format = CDR_FORMATS.find((known) => known === name.trim());
  if (format !== undefined) return format;
  const reason = `the header ${CDR_FORMAT_HEADER} held ${shown(name)}; expected one of ${CDR_FORMATS.join(', ')}`;
  return rejectCdr('cdr-unknown-format', reason, CDR_FORMAT_HEADER);
}

/** Fields that only one format has. A record that misses some of its fields is still known by the others. */
const SHAPES: readonly { readonly format: CdrFormat; readonly fields: readonly string[] }[] = [
  { format: 'canonical-json', fields: ['calledNumber', 'callingNumber', 'usageMs', 'answerTime', 'setupTime'] },
  { format: 'freeswitch-event', fields: ['Event-Name', 'variable_uuid', 'variable_start_uepoch'] },
  { format: 'freeswitch-json', fields: ['variables', 'callflow', 'channel_data'] },
  { format: 'opensips-event', fields: ['jsonrpc', 'params'] },
  { format: 'kamailio-acc-json', fields: ['sip_code', 'start_time', 'from_tag'] },
  { format: 'graph-pstn', fields: ['calleeNumber', 'callDurationSource', 'licenseCapability', 'startDateTime', 'value'] },
  {
    format: 'asterisk-json',
    fields: ['dstchannel', 'DestinationChannel', 'dcontext', 'DestinationContext', 'billsec', 'Billsec', 'BillableSeconds'],
  },
];

function formatOfJson(json: unknown): CdrFormat | CdrRejection {
  const sample: unknown = Array.isArray(json) ? json[0] : json;
  if (!isRecord(sample)) return rejectCdr('cdr-malformed', `the record held ${shown(sample)}; expected a JSON object`);
  const shape = SHAPES.find(({ fields }) => fields.some((field) => sample[field] !== undefined));
  if (shape !== undefined) return shape.format;
  return rejectCdr('cdr-unknown-format', `the record held the fields ${fieldsOf(sample)}; ${EXPECTED_FORMAT}`);
}

const MAX_SHOWN_FIELDS = 8;
const EXPECTED_FORMAT = `expected those of one of ${CDR_FORMATS.join(', ')}, or a ${CDR_FORMAT_HEADER} header`;

function fieldsOf(record: UncheckedRecord): string {
  const fields = Object.keys(record).slice(0, MAX_SHOWN_FIELDS);
  return fields.map((field) => shown(field)).join(', ');
}

function csvCdrs(named: CsvFormat | null, text: string, source: SourceSettings): CdrParse {
  if (named === null && !text.includes(',')) {
    return rejectCdr('cdr-malformed', `the record held ${shown(text)}; expected JSON or CSV`);
  }
  const rows = csvRows(text);
  if ('code' in rows) return rows;
  const format = named ?? formatOfCells(rows[0]?.cells ?? [], source);
  if (format === 'asterisk-csv') return asteriskCsvCdrs(rows, source);
  if (format === 'canonical-csv') return canonicalCsvCdrs(rows);
  if (format === 'cisco-cucm-csv') return ciscoCdrs(rows, source);
  return rejectCdr('cdr-unknown-format', `the record held ${shown(text)}; ${EXPECTED_FORMAT}`);
}

function formatOfCells(cells: readonly string[], source: SourceSettings): CsvFormat | null {
  if (isCiscoHeader(cells)) return 'cisco-cucm-csv';
  if (columnsOf(cells) !== null || isAsteriskHeader(cells)) return 'asterisk-csv';
  if (cells.some((cell) => cell.trim() === 'calledNumber')) return 'canonical-csv';
  return source.csvColumns?.length === cells.length ? 'asterisk-csv' : null;
}
