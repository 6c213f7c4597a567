// Usage report: the calls of a tenant and a period, in the 20 columns of Microsoft's PSTN export, as CSV and XLSX.
export { numbersOf, type ShownNumbers } from './cells.js';
export { COLUMNS, type Cells } from './columns.js';
export { csvOf } from './csv.js';
export { reportGap, type GapParts, type ReportGap } from './gaps.js';
export { NOBODY, openParties, type Parties } from './parties.js';
export { maskedNumber, type Numbers } from './shown-numbers.js';
export { usageReport } from './usage-report.js';
export { xlsxOf } from './xlsx.js';
