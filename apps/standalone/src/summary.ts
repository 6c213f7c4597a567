// What `npm start` prints once everything has gone through: a line per tenant.

import type { Tables } from '@tollkeeper/read-models';
import type { BalanceRow } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';

export type TenantSummary = {
  readonly tenant: string;
  /** Undefined for what was put aside and belongs to no account. */
  readonly balance: BalanceRow | undefined;
  readonly alerts: number;
  readonly deadLetters: number;
};

const HEADINGS = ['tenant', 'calls', 'debited', 'recharged', 'balance', 'alerts', 'dead letters'] as const;
const NO_TENANT = '(no account)';

/** Every account, and last what was put aside without one. */
export async function tenantSummaries({ db }: ReadStore<Tables>): Promise<readonly TenantSummary[]> {
  const balances = await db.selectFrom('balance').selectAll().orderBy('tenant').execute();
  const alerts = new Map(
    (await db.selectFrom('low_balance').select(['tenant', 'alerts']).execute()).map((row) => [row.tenant, row.alerts]),
  );
  const letters = await db.selectFrom('dead_letter').select('message_key').execute();
  const lettersOf = (tenant: string) => letters.filter(({ message_key }) => message_key === tenant).length;
  const summaries = balances.map((balance): TenantSummary => {
    const { tenant } = balance;
    return { tenant, balance, alerts: alerts.get(tenant) ?? 0, deadLetters: lettersOf(tenant) };
  });
  const others = letters.length - summaries.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  return others === 0 ? summaries : [...summaries, { tenant: NO_TENANT, balance: undefined, alerts: 0, deadLetters: others }];
}

/** Text to the left, figures to the right. */
export function summaryTable(summaries: readonly TenantSummary[]): string {
  const rows = summaries.map(({ tenant, balance, alerts, deadLetters }) => {
    if (balance === undefined) return [tenant, '', '', '', '', '', String(deadLetters)];
    const { currency } = balance;
    const money = [balance.debited, balance.recharged, balance.balance].map((amount) => `${amount} ${currency}`);
    return [tenant, String(balance.calls_debited), ...money, String(alerts), String(deadLetters)];
  });
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number)))
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(HEADINGS), rule, ...rows.map(line)].join('\n');
}
