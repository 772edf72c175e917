import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { moment, unknown } from "../words.ts";

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** A custom property of the style sheet, such as `--accent`. */
  readonly ink: string;
  /** One for each time; null where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
}

/** Lines over the same times. */
export interface Drawing {
  /** Epoch seconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number | null) => string;
}

/** Draws lines over time. Dragging over a stretch zooms into it; a double click goes back. */
export function Chart({
  drawing,
  label,
  height = 210,
  spark = false,
  onZoom,
}: {
  readonly drawing: Drawing;
  readonly label: string;
  readonly height?: number;
  /** A small one beside a figure: no axes, no legend. */
  readonly spark?: boolean;
  /** Told of the stretch that was dragged over, in epoch seconds; without it the chart zooms by itself. */
  readonly onZoom?: (from: number, to: number) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const shape = JSON.stringify(drawing.lines.map(({ name, ink, dashed }) => [name, ink, dashed]));
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const drawn = new uPlot(
      { ...optionsFor(drawing, element, height, zoom), ...(spark ? bare : {}) },
      dataOf(drawing),
      element,
    );
    plot.current = drawn;
    const sizes = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [shape, height, spark]);
  useEffect(() => plot.current?.setData(dataOf(drawing)), [drawing]);
  return <div ref={box} class="chart" role="img" aria-label={`${label}: ${spoken(drawing)}`} />;
}

/** What a picture shows, for those who do not see it: the newest figure of each line. */
const spoken = ({ lines, format }: Drawing): string =>
  lines
    .map(({ name, values }) => `${name} ${format(values.findLast((value) => value !== null) ?? null)}`)
    .join(", ");

const dataOf = ({ times, lines }: Drawing): uPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

const [minuteS, hourS, dayS] = [60, 3_600, 86_400];

/** How far apart ticks may be, in s: no bucket is shorter than a minute. */
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hourS),
  ...[1, 2, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => days * dayS),
];

/** Times of day where the ticks are close together, else days, else months. */
const clock: uPlot.Axis.Values = [
  [30 * dayS, "{MMM} {YYYY}", null, null, null, null, null, null, 1],
  [dayS, "{D} {MMM}", null, null, null, null, null, null, 1],
  [1, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
];

const bare: Partial<uPlot.Options> = {
  // A line at zero is as thick as any other.
  scales: { y: { range: (_, __, max) => [max > 0 ? -max / 20 : -0.05, max > 0 ? max * 1.1 : 1] } },
  axes: [{ show: false }, { show: false }],
  legend: { show: false },
  cursor: { show: false },
};

function optionsFor(
  { lines, format }: Drawing,
  element: HTMLElement,
  height: number,
  zoom: { readonly current: ((from: number, to: number) => void) | undefined },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: ink("--soft"),
    grid: { stroke: ink("--line"), width: 1 },
    ticks: { show: false },
  };
  const select = (drawn: uPlot): void => {
    const { left, width } = drawn.select;
    if (width > 4) zoom.current?.(drawn.posToVal(left, "x"), drawn.posToVal(left + width, "x"));
  };
  return {
    width: element.clientWidth,
    height,
    cursor: { drag: { x: true, y: false, setScale: zoom.current === undefined } },
    hooks: { setSelect: [select] },
    legend: { live: true },
    axes: [
      { ...axis, values: clock, incrs: steps, space: 60, size: 42 },
      { ...axis, size: 64, space: 32, values: (_, ticks) => ticks.map(format) },
    ],
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    series: [
      { value: (_: uPlot, at: number | null) => (at === null ? unknown : moment(at * 1_000)) },
      ...lines.map(({ name, ink: property, dashed }) => ({
        label: name,
        stroke: ink(property),
        width: 1.5,
        ...(dashed ? { dash: [5, 4] } : {}),
        value: (_: uPlot, value: number | null) => format(value),
        points: { size: 4 },
      })),
    ],
  };
}
