// Overview's picture: days in; balance as steps, the trigger as a line, and how it goes on at today's pace out.

import {
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
} from 'chart.js';
import { useEffect, useRef, type ReactNode } from 'react';
import type { HistoryDay } from '../../data/answers.js';
import { moneyText, positionOf } from '../../format/money.js';
import { dayText, shortDayText } from '../../format/time.js';

Chart.register(Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

type ChartProps = {
  readonly days: readonly HistoryDay[];
  readonly trigger: string | null;
  readonly runsOutOn: string | null;
  readonly currency: string;
  readonly language: string;
  readonly isDark: boolean;
  /** What the picture shows, for who does not see it. */
  readonly label: string;
  readonly words: { readonly balance: string; readonly trigger: string; readonly pace: string };
};

const DAY_MS = 86_400_000;
/** A day further away would press what has been into a corner. */
const MAX_DAYS_AHEAD = 60;
const MAX_TICKS = 8;
/** A day's name in any language, and the room to the next one. */
const TICK_PX = 68;
const POINT_PX = 4;

export function BalanceChart(props: ChartProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart<'line'>>(undefined);
  useEffect(() => {
    if (canvas.current === null) return;
    const configuration = configurationOf(props);
    if (chart.current === undefined) {
      chart.current = new Chart(canvas.current, configuration);
      return;
    }
    chart.current.data = configuration.data;
    if (configuration.options !== undefined) chart.current.options = configuration.options;
    chart.current.update();
  }, [props]);
  useEffect(() => {
    return () => {
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);
  return (
    <div className="chart">
      <canvas ref={canvas} role="img" aria-label={props.label} />
    </div>
  );
}

function configurationOf(props: ChartProps): ChartConfiguration<'line'> {
  const { days, currency, language, isDark } = props;
  const quiet = isDark ? '#a3aaba' : '#545b6b';
  const grid = isDark ? '#2f3646' : '#e3e6ed';
  const firstMs = Date.parse(days[0]?.day ?? '');
  const datasets = datasetsOf(props);
  const lastMs = lastMsOf(datasets);
  return {
    type: 'line',
    data: { datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          type: 'linear',
          // A single day stands in the middle.
          min: firstMs === lastMs ? firstMs - DAY_MS : firstMs,
          max: firstMs === lastMs ? lastMs + DAY_MS : lastMs,
          afterBuildTicks: (axis) => (axis.ticks = dayTicks(axis.min, axis.max, axis.chart.width)),
          grid: { display: false },
          border: { color: grid },
          ticks: {
            color: quiet,
            maxRotation: 0,
            callback: (value) => shortDayText(Number(value), language),
          },
        },
        y: {
          beginAtZero: true,
          grid: { color: grid },
          border: { display: false },
          ticks: { color: quiet, maxTicksLimit: MAX_TICKS, callback: (value) => moneyText(String(value), currency, language) },
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          filter: ({ dataset }) => dataset.label === props.words.balance,
          callbacks: {
            title: ([item]) => dayText(new Date(item?.parsed.x ?? 0).toISOString(), language),
            label: ({ dataIndex }) => moneyText(days[dataIndex]?.balance ?? '0', currency, language),
          },
        },
      },
    },
  };
}

function datasetsOf({ days, trigger, runsOutOn, isDark, words }: ChartProps): ChartDataset<'line'>[] {
  const line = isDark ? '#91a7ff' : '#3b5bdb';
  const points = days.map((day) => ({ x: Date.parse(day.day), y: positionOf(day.balance) }));
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const ahead = aheadOf(last, runsOutOn);
  const datasets: ChartDataset<'line'>[] = [
    {
      label: words.balance,
      data: points,
      borderColor: line,
      backgroundColor: isDark ? 'rgba(145, 167, 255, 0.12)' : 'rgba(59, 91, 219, 0.08)',
      borderWidth: 2,
      stepped: 'before',
      fill: 'origin',
      pointRadius: points.length === 1 ? POINT_PX : 0,
      pointHitRadius: 12,
      clip: POINT_PX,
    },
  ];
  if (ahead !== undefined) {
    datasets.push({
      label: words.pace,
      data: [last, ahead],
      borderColor: line,
      borderWidth: 2,
      borderDash: [3, 4],
      pointRadius: 0,
    });
  }
  if (trigger !== null) {
    const y = positionOf(trigger);
    const color = isDark ? '#ffa94d' : '#d9480f';
    const data = [
      { x: first.x, y },
      { x: (ahead ?? last).x, y },
    ];
    datasets.push({ label: words.trigger, data, borderColor: color, borderWidth: 1.5, borderDash: [7, 4], pointRadius: 0 });
  }
  return datasets;
}

/** Where the balance stands when it runs out, or at the edge of the picture on its way there. */
function aheadOf(
  last: { readonly x: number; readonly y: number },
  runsOutOn: string | null,
): { x: number; y: number } | undefined {
  if (runsOutOn === null || last.y <= 0) return undefined;
  const endMs = Date.parse(runsOutOn);
  const edgeMs = last.x + MAX_DAYS_AHEAD * DAY_MS;
  if (endMs <= last.x) return undefined;
  if (endMs <= edgeMs) return { x: endMs, y: 0 };
  return { x: edgeMs, y: last.y * (1 - (edgeMs - last.x) / (endMs - last.x)) };
}

function lastMsOf(datasets: readonly ChartDataset<'line'>[]): number {
  return Math.max(...datasets.flatMap(({ data }) => data.map((point) => (typeof point === 'object' ? (point?.x ?? 0) : 0))));
}

/** Whole days at even distances, the last one among them. */
function dayTicks(fromMs: number, toMs: number, widthPx: number): { value: number }[] {
  const days = Math.max(1, Math.round((toMs - fromMs) / DAY_MS));
  const step = Math.ceil(days / Math.max(1, Math.min(MAX_TICKS, Math.floor(widthPx / TICK_PX) - 1)));
  const count = Math.floor(days / step) + 1;
  return Array.from({ length: count }, (_, back) => ({ value: toMs - (count - 1 - back) * step * DAY_MS }));
}
