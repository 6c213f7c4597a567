// Rate deck, carriers' sheets again: the rates of one code, each from its effective date, in; the same with their ends out.

import type { RowReader, Terms } from './row.js';

/** A rate from 1 January and one from 1 March: the first ends where the second begins, unless the sheet ends it before. */
export function successive(rows: readonly Terms[], reader: Pick<RowReader, 'window'>): readonly Terms[] {
  const starts = [...new Set(rows.map(({ window }) => window.validFromMs))].toSorted((left, right) => left - right);
  return rows.map((terms) => {
    const { window } = terms;
    const nextMs = starts[starts.indexOf(window.validFromMs) + 1] ?? Infinity;
    if (nextMs >= window.validToMs) return terms;
    return { ...terms, window: reader.window({ ...window, validToMs: nextMs }) };
  });
}
