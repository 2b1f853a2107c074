import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { measure, tick } from "../../format/numbers.ts";
import { lineColour } from "../../ui/line-colour.ts";
import { alignSeries, type Series } from "./metric-groups.ts";

export interface Line {
  label: string;
  series: Series;
}

export interface PlotProps {
  title: string;
  lines: readonly Line[];
  /** plots of one group share the cursor */
  group: string;
}

const HEIGHT = 200;

/** A plot of one metric: one line, or one a session. Dragging across zooms, a double click shows all again. */
export default function Plot({ title, lines, group }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [theme, setTheme] = useState(0);
  const labels = lines.map((line) => line.label).join("\n");
  const latest = useRef(lines);
  latest.current = lines;

  useEffect(() => {
    const changed = () => setTheme((version) => version + 1);
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    window.addEventListener("podium:theme", changed);
    system.addEventListener("change", changed);
    return () => {
      window.removeEventListener("podium:theme", changed);
      system.removeEventListener("change", changed);
    };
  }, []);

  // new labels or colours need a new plot; new points don't
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(optionsFor(element, latest.current, group), dataOf(latest.current), element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [labels, theme, group]);

  useEffect(() => {
    const made = plot.current;
    if (made) made.setData(dataOf(lines), !isZoomed(made));
  }, [lines]);

  return (
    <figure className="plot">
      <figcaption>
        <span className="plot-title">{title}</span>
        {lines.length === 1 && <span className="plot-last">{lastValue(lines[0]?.series)}</span>}
      </figcaption>
      <div ref={box} className="plot-box" role="img" aria-label={describe(title, lines)} />
    </figure>
  );
}

/** Whether the reader has zoomed in: then new points must not move what is looked at. */
function isZoomed(plot: uPlot): boolean {
  const { min, max } = plot.scales["x"] ?? {};
  const xs = plot.data[0];
  const first = xs[0];
  const last = xs[xs.length - 1];
  if (min == null || max == null || first === undefined || last === undefined) return false;
  return min > first || max < last;
}

function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const { xs, ys } = alignSeries(lines.map((line) => line.series));
  return [xs, ...ys];
}

function optionsFor(element: HTMLElement, lines: readonly Line[], group: string): uPlot.Options {
  const style = getComputedStyle(element);
  const ink = style.getPropertyValue("color");
  const axis = {
    stroke: ink,
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colourOf(element, "var(--hairline)"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: group }, points: { size: 7 }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 4,
        values: (_, ticks) => ticks.map((at) => (Number.isInteger(at) ? tick(at) : "")),
      },
      { ...axis, size: 54, gap: 4, values: (_, ticks) => ticks.map(tick) },
    ],
    series: [
      { label: "step" },
      ...lines.map((line, index) => ({
        label: line.label,
        stroke: colourOf(element, lineColour(index)),
        width: 1.75,
        spanGaps: false,
        points: { show: line.series.xs.length < 30, size: 5 },
      })),
    ],
    plugins: [readout(lines.length)],
  };
}

/** What a style-sheet colour is at the moment; canvases can't resolve variables. */
function colourOf(element: HTMLElement, value: string): string {
  const probe = document.createElement("span");
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** What the lines are at the cursor, at the top right of the plot, in their colours where there are several. */
function readout(lines: number): uPlot.Plugin {
  const note = document.createElement("div");
  note.className = "plot-note";
  return {
    hooks: {
      init: (plot) => void plot.over.append(note),
      setCursor: ({ cursor: { idx }, data }) => {
        note.replaceChildren();
        if (idx == null) return;
        const x = data[0][idx];
        if (x === undefined) return;
        for (let index = 0; index < lines; index += 1) {
          const y = data[index + 1]?.[idx];
          if (y == null) continue;
          const row = document.createElement("span");
          row.textContent = measure(y);
          if (lines > 1) row.style.color = lineColour(index);
          note.append(row);
        }
        note.append(`step ${tick(x)}`);
      },
    },
  };
}

function lastValue(series: Series | undefined): string {
  const last = series?.ys.findLast((value) => value !== null);
  return last == null ? "" : measure(last);
}

function describe(title: string, lines: readonly Line[]): string {
  const ends = lines.map((line) => `${line.label}: ${lastValue(line.series)}`);
  return `Plot of ${title}. Last values: ${ends.join(", ")}`;
}
