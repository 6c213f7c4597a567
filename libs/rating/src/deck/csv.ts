// Rate deck, first step: text of a separated-values file in, its records line by line out.

const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** One line that is not blank. `fields` is undefined where its quotes do not pair up. */
export type CsvRecord = {
  /** Counted from 1, blank lines included, as an editor shows it. */
  readonly line: number;
  /** Where the line begins in the whole text, to find it again. */
  readonly start: number;
  readonly text: string;
  readonly fields: readonly string[] | undefined;
};

/** The delimiter is the first of comma, semicolon and tab that the header line holds. */
export function delimiterOf(text: string): Delimiter {
  const header = text.slice(0, endOfLine(text, 0));
  return DELIMITERS.find((delimiter) => header.includes(delimiter)) ?? ',';
}

/** Gives each record to `visit`, without holding them all: a deck of 170,000 rows would be a million strings. */
export function forEachRecord(text: string, delimiter: Delimiter, visit: (record: CsvRecord) => void): void {
  // Excel and Azure's portal lead their files with a byte order mark.
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; start < text.length; line += 1) {
    const end = endOfLine(text, start);
    const content = text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    if (content.trim() !== '') visit({ line, start, text: content, fields: fieldsOf(content, delimiter) });
    start = end + 1;
  }
}

/** Where a field of a line begins, counted from 1 in characters: computed for faults only. */
export function columnOf(line: string, delimiter: Delimiter, field: number): number {
  let quoted = false;
  let left = field;
  for (let at = 0; at < line.length; at += 1) {
    if (left === 0) return at + 1;
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === delimiter && !quoted) left -= 1;
  }
  return line.length + 1;
}

/** The line that begins there. */
export function lineAt(text: string, start: number): string {
  return text.slice(start, endOfLine(text, start));
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

function fieldsOf(line: string, delimiter: Delimiter): readonly string[] | undefined {
  return line.includes('"') ? quotedFieldsOf(line, delimiter) : line.split(delimiter);
}

/** RFC 4180, but for line breaks in quotes: no column of a rate deck holds one, so an open quote is a damaged file. */
function quotedFieldsOf(line: string, delimiter: Delimiter): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = line[at] === '"';
    const end = quoted ? closingQuote(line, at) + 1 : nextDelimiter(line, delimiter, at);
    if (quoted && end === 0) return undefined;
    const field = line.slice(at, end);
    if (!quoted && field.includes('"')) return undefined;
    fields.push(quoted ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === line.length) return fields;
    if (line[end] !== delimiter) return undefined;
    at = end + 1;
  }
}

function closingQuote(line: string, open: number): number {
  let at = line.indexOf('"', open + 1);
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}

function nextDelimiter(line: string, delimiter: Delimiter, from: number): number {
  const at = line.indexOf(delimiter, from);
  return at === -1 ? line.length : at;
}
