// Export as NDJSON: one posting a line, every id in full, money as decimal text.

import type { TextFormat } from './text-format.js';

export function ndjson(): TextFormat {
  return {
    head: () => '',
    item(item) {
      if (item.kind === 'opening') return '';
      const { kind: _, ...posting } = item;
      return `${JSON.stringify(posting)}\n`;
    },
    tail: () => '',
  };
}
