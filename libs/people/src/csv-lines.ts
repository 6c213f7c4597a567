// People, a file's form: chunks of a separated-values text → its lines as they come, each with its cells and where they begin.

const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export type Cell = {
  readonly text: string;
  /** From 1, in characters, as an editor counts. */
  readonly column: number;
};

/** From 1, blank lines counted. `text` is undefined for one that is no text or too long, with which the reading ends. */
export type Line = { readonly line: number; readonly text: string | undefined };

/** No line of real licences is near it; without a bound one line could be the whole file. */
export const MAX_LINE_CHARS = 8_192;

const NOT_UTF_8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';

/** Holds one chunk and one line at a time. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  // It also drops the byte order mark that Excel leads its files with.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 0;
  try {
    for await (const chunk of chunks) {
      const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) yield lineOf((line += 1), text);
      if (rest.length > MAX_LINE_CHARS) break;
    }
    rest += decoder.decode();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== NOT_UTF_8) throw error;
    yield { line: line + 1, text: undefined };
    return;
  }
  if (rest !== '') yield lineOf(line + 1, rest);
}

function lineOf(line: number, text: string): Line {
  if (text.length > MAX_LINE_CHARS) return { line, text: undefined };
  return { line, text: text.endsWith('\r') ? text.slice(0, -1) : text };
}

/** The first of comma, semicolon and tab that the header line holds. */
export function delimiterOf(header: string): Delimiter {
  return DELIMITERS.find((delimiter) => header.includes(delimiter)) ?? ',';
}

/** RFC 4180, but for line breaks in quotes: undefined where quotes do not pair up within the line. */
export function cellsOf(line: string, delimiter: Delimiter): readonly Cell[] | undefined {
  const cells: Cell[] = [];
  let at = 0;
  for (;;) {
    const quoted = line[at] === '"';
    const end = quoted ? closingQuote(line, at) + 1 : nextDelimiter(line, delimiter, at);
    if (quoted && end === 0) return undefined;
    const text = line.slice(at, end);
    if (!quoted && text.includes('"')) return undefined;
    cells.push({ text: (quoted ? text.slice(1, -1).replaceAll('""', '"') : text).trim(), column: at + 1 });
    if (end === line.length) return cells;
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
