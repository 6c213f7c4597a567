// Report step, its period: what a person names as from and to comes in; two instants and the name of a file, or a problem that says what to
// write instead, go out.

import { MAX_INSTANT_MS, MIN_INSTANT_MS } from '@tollkeeper/rating';
import { problem, type ProblemError } from './problem.js';

export type ReportPeriod = {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
};

const DAY = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
const EXAMPLE = 'from=2026-03-01&to=2026-04-01 is the month of March';
const MS_PER_DAY = 86_400_000;

/** @throws ProblemError unless both are days or instants, and the one lies before the other. */
export function reportPeriodOf(from: string | undefined, to: string | undefined): ReportPeriod {
  if (from === undefined || to === undefined) {
    const missing = [...(from === undefined ? ['from'] : []), ...(to === undefined ? ['to'] : [])];
    throw refused(missing, `Name the whole period, ${missing.join(' and ')} too: ${EXAMPLE}.`);
  }
  const [fromMs, toMs] = [instantOf('from', from), instantOf('to', to)];
  if (fromMs < toMs) return { fromMs, toMs };
  throw refused(['to'], `to=${to} does not lie after from=${from}; it is the first instant that is not reported: ${EXAMPLE}.`);
}

/** `usage-acme-2026-03`, or from and to the last day where it is no month. */
export function reportNameOf(tenant: string, { fromMs, toMs }: ReportPeriod): string {
  const [from, last] = [dayOf(fromMs), dayOf(toMs - 1)];
  const month = from.slice(0, 'YYYY-MM'.length);
  const isMonth = fromMs === Date.parse(`${month}-01`) && toMs === nextMonthMs(fromMs);
  if (isMonth) return `usage-${tenant}-${month}`;
  return from === last ? `usage-${tenant}-${from}` : `usage-${tenant}-${from}-to-${last}`;
}

function instantOf(name: 'from' | 'to', text: string): number {
  // 30 February would be taken for the 2nd of March.
  const atMs = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  const isThatDay = !DAY.test(text) || (atMs % MS_PER_DAY === 0 && !Number.isNaN(atMs) && dayOf(atMs) === text);
  if (atMs >= MIN_INSTANT_MS && atMs < MAX_INSTANT_MS && isThatDay) return atMs;
  throw refused(
    [name],
    `${name}=${text} is neither a day such as 2026-03-01 nor an instant such as 2026-03-01T00:00:00Z: ${EXAMPLE}.`,
  );
}

function refused(parameters: readonly string[], detail: string): ProblemError {
  return problem('period-invalid', detail, { errors: parameters.map((parameter) => ({ parameter, detail })) });
}

function nextMonthMs(monthMs: number): number {
  const month = new Date(monthMs);
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1);
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
