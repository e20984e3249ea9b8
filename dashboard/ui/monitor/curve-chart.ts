/** One chart of curves on uPlot, without Vue: what is drawn, and what the cursor reads. */
import uPlot from 'uplot';
import { compact, short } from '../common/format.ts';
import type { align } from './series.ts';

export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly dashed?: boolean;
  /** What was measured, behind its smoothed curve. */
  readonly faint?: boolean;
}

export interface ChartLook {
  readonly log: boolean;
  /** Fixed range of values. */
  readonly range?: readonly [number, number];
  readonly ink: string;
  readonly grid: string;
  /** Charts with the same key share their cursor. */
  readonly sync: string;
}

const HEIGHT = 168;
const FONT = '11px Roboto, system-ui, sans-serif';

export function curveChart(
  host: HTMLElement,
  curves: readonly Curve[],
  data: ReturnType<typeof align>,
  { log, range, ink, grid, sync }: ChartLook,
  read: (step: number | null) => void,
): uPlot {
  const axis: uPlot.Axis = {
    stroke: ink,
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  return new uPlot(
    {
      width: Math.max(host.clientWidth, 100),
      height: HEIGHT,
      // The last number of the axis is centred under the end of the curves.
      padding: [8, 16, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: sync },
        drag: { x: false, y: false },
        points: { size: 6 },
        y: false,
      },
      scales: {
        x: { time: false, range: (_plot, low, high) => [Math.min(low ?? 0, 0), Math.max(high ?? 1, 1)] },
        y: range ? { range: [...range] as [number, number] } : log ? { distr: 3 } : {},
      },
      axes: [
        { ...axis, size: 24, values: (_plot, steps) => steps.map(compact), space: 48 },
        {
          ...axis,
          size: 48,
          values: (_plot, values) => values.map((value) => (value === null ? '' : short(value))),
          space: 28,
        },
      ],
      series: [
        {},
        ...curves.map(
          ({ label, colour, dashed, faint }): uPlot.Series => ({
            label,
            stroke: faint ? `${colour}40` : colour,
            width: faint ? 1 : 1.75,
            ...(dashed ? { dash: [5, 4] } : {}),
            spanGaps: true,
            points: { show: false },
          }),
        ),
      ],
      hooks: {
        setCursor: [
          (plot) => {
            const { idx } = plot.cursor;
            read(typeof idx === 'number' ? plot.data[0][idx]! : null);
          },
        ],
      },
    },
    data as uPlot.AlignedData,
    host,
  );
}
