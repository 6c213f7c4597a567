// What `npm start` prints once the demo has gone through: a line per tenant.

import type { BalanceRow } from '@tollkeeper/projections';

export type TenantSummary = BalanceRow & { readonly alerts: number };

const HEADINGS = ['tenant', 'calls', 'debited', 'recharged', 'balance', 'alerts'] as const;

/** Text columns to the left, figures to the right; dead letters belong to no tenant and stand below. */
export function summaryTable(tenants: readonly TenantSummary[], deadLetters: bigint): string {
  const rows = tenants.map((row) => [
    row.tenant,
    String(row.calls_debited),
    `${row.debited} ${row.currency}`,
    `${row.recharged} ${row.currency}`,
    `${row.balance} ${row.currency}`,
    String(row.alerts),
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(HEADINGS), rule, ...rows.map(line), rule, `dead letters: ${deadLetters}`].join('\n');
}
