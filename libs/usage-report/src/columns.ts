// Usage report, its shape: the 20 columns of Microsoft's PSTN export, in its order.

export const COLUMNS = [
  'UsageId',
  'Call ID',
  'Conference ID',
  'User Location',
  'AAD ObjectId',
  'UPN',
  'User Display Name',
  'Caller ID',
  'Call Type',
  'Number Type',
  'Domestic/International',
  'Destination Dialed',
  'Destination Number',
  'Start Time',
  'End Time',
  'Duration Seconds',
  'Connection Charge',
  'Charge',
  'Currency',
  'Capability',
] as const;

/** The text of each column, empty where it is not known. Figures are plain decimals. */
export type Cells = readonly string[];

export type Figure = 'whole' | 'amount';

/** What a spreadsheet can add up; every other column is text, also where it looks like a number. */
export const FIGURES: ReadonlyMap<number, Figure> = new Map([
  [COLUMNS.indexOf('Duration Seconds'), 'whole'],
  [COLUMNS.indexOf('Connection Charge'), 'amount'],
  [COLUMNS.indexOf('Charge'), 'amount'],
]);
