// Bench, the end: figures come in; a table for people and a JSON object for machines go out.

import type { Costs } from './costs.js';
import type { Machine } from './machine.js';

export type Aim = { readonly least: number } | { readonly below: number };

export type Figure = {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: 'CDR/s' | 'calls/s' | 'events/s' | 'ms' | 'MiB' | 'KiB' | 'bytes' | 'of its speed';
  /** Another figure's id. */
  readonly baseline?: string;
  /** Of the ratio to the baseline, where `aimIsRatio`. */
  readonly aim?: Aim;
  readonly aimIsRatio?: boolean;
  readonly remark?: string;
};

export type Judged = Figure & { readonly ratio?: number; readonly met?: boolean };

export type Report = {
  readonly date: string;
  readonly form: 'quick' | 'full';
  readonly machine: Machine;
  readonly figures: readonly Judged[];
  readonly costs: Readonly<Record<string, Costs>>;
  readonly skipped: readonly string[];
};

export function judge(figures: readonly Figure[]): readonly Judged[] {
  const values = new Map(figures.map(({ id, value }) => [id, value]));
  return figures.map((figure): Judged => {
    const baseline = figure.baseline === undefined ? undefined : values.get(figure.baseline);
    const ratio = baseline === undefined ? undefined : figure.value / baseline;
    const judged = figure.aimIsRatio ? ratio : figure.value;
    const met = figure.aim === undefined || judged === undefined ? undefined : isMet(figure.aim, judged);
    return { ...figure, ...(ratio === undefined ? {} : { ratio }), ...(met === undefined ? {} : { met }) };
  });
}

function isMet(aim: Aim, value: number): boolean {
  return 'least' in aim ? value >= aim.least : value < aim.below;
}

const HEADINGS = ['', 'measured', 'value', 'unit', 'ratio', 'aim', 'remark'] as const;
/** Columns of figures stand to the right. */
const RIGHT = new Set([2, 4]);
const COSTS_SHOWN = 8;
const FRACTION_DIGITS: Partial<Record<Figure['unit'], number>> = { ms: 1, KiB: 1, bytes: 1, 'of its speed': 2 };

export function textOf({ date, form, machine, figures, costs, skipped }: Report): string {
  const rows = figures.map(({ id, what, value, unit, baseline, ratio, aim, aimIsRatio, met, remark }) => [
    id,
    what,
    value.toLocaleString('en', { maximumFractionDigits: FRACTION_DIGITS[unit] ?? 0 }),
    unit,
    ratio === undefined ? '' : `${ratio.toFixed(2)} of ${baseline}`,
    aim === undefined ? '' : `${aimText(aim, aimIsRatio ?? false)} ${met === undefined ? '' : met ? 'met' : 'NOT MET'}`,
    remark ?? '',
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (RIGHT.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const { cpu, cores, memoryMiB, node, postgres, eventStore, sqlite, kafka } = machine;
  return [
    `${form} bench, ${date}: ${cores} cores of ${cpu}, ${memoryMiB} MiB, Node ${node}; engines and programs share the cores`,
    `event store ${eventStore}; Kafka ${kafka}; PostgreSQL ${postgres}; SQLite ${sqlite}`,
    '',
    line(HEADINGS),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(line),
    ...Object.entries(costs).flatMap(([name, of]) => ['', ...costLines(name, of)]),
    ...skipped.map((reason) => `skipped: ${reason}`),
  ].join('\n');
}

function aimText(aim: Aim, isRatio: boolean): string {
  const [sign, bound] = 'least' in aim ? ['≥', aim.least] : ['<', aim.below];
  return `${sign} ${bound.toLocaleString('en')}${isRatio ? ' of it' : ''}`;
}

function costLines(name: string, { parts, functions }: Costs): readonly string[] {
  const listed = (costs: Costs['parts']): string =>
    costs
      .slice(0, COSTS_SHOWN)
      .map(({ part, microsPerEvent }) => `${part} ${microsPerEvent.toFixed(1)}`)
      .join(', ');
  return [`where ${name} spends its time, µs an event, profiled: ${listed(parts)}`, `  dearest functions: ${listed(functions)}`];
}
