// Export, what the formats of text have in common: items in, pieces of the file out, so that nobody holds more than a page of it.

import type { ExportItem } from './postings.js';

export type TextFormat = {
  head(): string;
  /** Empty for an item that the format has no use for. */
  item(item: ExportItem): string;
  tail(): string;
};

/** Control characters, line breaks among them, have no place in a line. */
export function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
