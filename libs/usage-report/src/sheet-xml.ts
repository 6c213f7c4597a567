// Usage report as XLSX, its parts: rows in, SpreadsheetML out. Text stands in the cell itself and is marked as text, so that it stays
// text when somebody edits it; figures stand with all their decimals.

import { COLUMNS, FIGURES, type Cells } from './columns.js';

/** Of one sheet, by the format. */
export const MAX_SHEET_ROWS = 1_048_576;

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Places in the list `cellXfs` of the styles below. */
const STYLE = { heading: 1, text: 2, whole: 3, amount: 4 } as const;

const LETTERS = COLUMNS.map((_, column) => String.fromCharCode(65 + column));
const WIDTHS = [38, 38, 14, 9, 38, 30, 24, 18, 16, 12, 14, 24, 18, 26, 26, 10, 12, 12, 9, 14];
const OPENINGS = LETTERS.map((_, column) => {
  const figure = FIGURES.get(column);
  return figure === undefined ? `" s="${STYLE.text}" t="inlineStr"><is><t xml:space="preserve">` : `" s="${STYLE[figure]}"><v>`;
});
const ENDINGS = LETTERS.map((_, column) => (FIGURES.has(column) ? '</v></c>' : '</t></is></c>'));

/** All before the first row of figures: the headings are bold and stay in sight. */
export function sheetHead(): string {
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  const widths = WIDTHS.map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join('');
  const headings = COLUMNS.map(
    (name, at) => `<c r="${LETTERS[at]}1" s="${STYLE.heading}" t="inlineStr"><is><t>${name}</t></is></c>`,
  ).join('');
  return (
    `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>` +
    `<cols>${widths}</cols><sheetData><row r="1">${headings}</row>`
  );
}

export const SHEET_END = '</sheetData></worksheet>';

/** @param number of the row in its sheet, from 1. Cells without text are left out. */
export function rowXml(cells: Cells, number: number): string {
  let xml = `<row r="${number}">`;
  for (let column = 0; column < LETTERS.length; column += 1) {
    const text = cells[column] ?? '';
    if (text !== '') xml += `<c r="${LETTERS[column]}${number}${OPENINGS[column]}${xmlText(text)}${ENDINGS[column]}`;
  }
  return `${xml}</row>`;
}

/** The format reads `_x0041_` as an A, so that a text which looks so has its first dash written that way. */
const ESCAPED_BY_FORMAT = /_(?=x[0-9A-Fa-f]{4}_)/g;

function xmlText(text: string): string {
  let escaped = text;
  if (/[&<>]/.test(text)) escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.includes('_x') ? escaped.replaceAll(ESCAPED_BY_FORMAT, '_x005F_') : escaped;
}

/** Name → content of every part but the sheets. */
export function workbookParts(sheets: number): ReadonlyMap<string, string> {
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
        numbers.map((n) => `<sheet name="${sheets === 1 ? 'Calls' : `Calls ${n}`}" sheetId="${n}" r:id="rId${n}"/>`).join('') +
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
