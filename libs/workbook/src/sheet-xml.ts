// XLSX, its parts: columns and rows in, SpreadsheetML out. Text stands in the cell itself and is marked as text, so that it is no formula,
// and stays text when somebody edits it; figures stand with all their decimals.

export type Column = {
  readonly name: string;
  /** In characters. */
  readonly width: number;
  /** What a spreadsheet can add up is `whole` or an `amount`; all else is text, also where it looks like a number. */
  readonly kind: 'text' | 'whole' | 'amount';
};

export type Layout = {
  /** Further sheets have a number behind it. */
  readonly sheetName: string;
  readonly columns: readonly Column[];
};

/** The text of each column, empty for no cell; figures are plain decimals. */
export type Cells = readonly string[];

/** Of one sheet, by the format. */
export const MAX_SHEET_ROWS = 1_048_576;
/** A spreadsheet's numbers are binary: beyond these they would come back as others. */
const SAFE_DIGITS = 15;

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Places in the list `cellXfs` of the styles below. */
const STYLE = { heading: 1, text: 2, whole: 3, amount: 4 } as const;
const LETTERS = 26;

export class SheetXml {
  /** All before the first row of figures: the headings are bold and stay in sight. */
  readonly head: string;
  readonly end = '</sheetData></worksheet>';
  readonly #columns: readonly { readonly letter: string; readonly kind: Column['kind'] }[];

  constructor({ columns }: Layout) {
    this.#columns = columns.map(({ kind }, at) => ({ letter: letterOf(at), kind }));
    const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
    const widths = columns.map(({ width }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`);
    const headings = columns.map(
      ({ name }, at) => `<c r="${letterOf(at)}1" s="${STYLE.heading}" t="inlineStr"><is><t>${xmlText(name)}</t></is></c>`,
    );
    this.head =
      `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>` +
      `<cols>${widths.join('')}</cols><sheetData><row r="1">${headings.join('')}</row>`;
  }

  /** @param number of the row in its sheet, from 1. Cells without text are left out. */
  row(cells: Cells, number: number): string {
    let xml = `<row r="${number}">`;
    for (const [at, { letter, kind }] of this.#columns.entries()) {
      const text = cells[at] ?? '';
      if (text === '') continue;
      xml +=
        kind === 'text' || !isSafe(text)
          ? `<c r="${letter}${number}" s="${STYLE.text}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`
          : `<c r="${letter}${number}" s="${STYLE[kind]}"><v>${text}</v></c>`;
    }
    return `${xml}</row>`;
  }
}

/** Fewer characters are fewer digits, which spares counting them in nearly all cells. */
function isSafe(figure: string): boolean {
  return figure.length <= SAFE_DIGITS || figure.replaceAll(/[-.]/g, '').length <= SAFE_DIGITS;
}

/** A, B … Z, AA, AB … */
function letterOf(column: number): string {
  const letter = String.fromCharCode('A'.charCodeAt(0) + (column % LETTERS));
  return column < LETTERS ? letter : letterOf(Math.floor(column / LETTERS) - 1) + letter;
}

/** The format reads `_x0041_` as an A, so that a text which looks so has its first dash written that way. */
const ESCAPED_BY_FORMAT = /_(?=x[0-9A-Fa-f]{4}_)/g;

/** Nor may it hold these. */
const NOT_XML = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu;

function xmlText(text: string): string {
  let escaped = NOT_XML.test(text) ? text.replaceAll(NOT_XML, '\ufffd') : text;
  if (/[&<>]/.test(text)) escaped = escaped.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.includes('_x') ? escaped.replaceAll(ESCAPED_BY_FORMAT, '_x005F_') : escaped;
}

/** Name → content of every part but the sheets. */
export function workbookParts(sheetName: string, sheets: number): ReadonlyMap<string, string> {
  const numbers = Array.from({ length: sheets }, (_, at) => at + 1);
  const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml';
  const main = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return new Map([
    [
      '[Content_Types].xml',
      `${XML}<Types xmlns="${PACKAGE}/content-types">` +
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        '<Default Extension="xml" ContentType="application/xml"/>' +
        `<Override PartName="/xl/workbook.xml" ContentType="${main}.sheet.main+xml"/>` +
        `<Override PartName="/xl/styles.xml" ContentType="${main}.styles+xml"/>` +
        numbers.map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${sheetType}"/>`).join('') +
        '</Types>',
    ],
    [
      '_rels/.rels',
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">` +
        `<Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets>` +
        numbers
          .map((n) => `<sheet name="${xmlText(n === 1 ? sheetName : `${sheetName} ${n}`)}" sheetId="${n}" r:id="rId${n}"/>`)
          .join('') +
        '</sheets></workbook>',
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">` +
        numbers
          .map((n) => `<Relationship Id="rId${n}" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet${n}.xml"/>`)
          .join('') +
        `<Relationship Id="rId${sheets + 1}" Type="${DOCUMENT}/styles" Target="styles.xml"/></Relationships>`,
    ],
    ['xl/styles.xml', STYLES],
  ]);
}

/** Number formats 1 and 49 are the format's own `0` and `@`, text; amounts show two decimals, and the others where there are any. */
const STYLES =
  `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.00####"/></numFmts>` +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">' +
  '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
  '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>' +
  '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';
