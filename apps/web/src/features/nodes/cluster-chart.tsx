import { useState } from "react";
import type { ClusterSeries } from "../../api/types.ts";
import { shortTime } from "../../format/time.ts";
import { lineColour } from "../../ui/line-colour.ts";
import { Section } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { curvePath, shareOf } from "./curve.ts";
import { useClusterSeries } from "./queries.ts";

const HOUR_MS = 3_600_000;
const SPANS = [
  ["1 hour", HOUR_MS],
  ["1 day", 24 * HOUR_MS],
  ["1 week", 7 * 24 * HOUR_MS],
  ["1 month", 30 * 24 * HOUR_MS],
  ["1 year", 365 * 24 * HOUR_MS],
] as const;

const WIDTH = 960;
const HEIGHT = 160;

/** How much of the cluster's GPUs was given out, and how much of them worked hard, over time. */
export function ClusterChart() {
  const [spanMs, setSpan] = useState<number>(SPANS[1][1]);
  const series = useClusterSeries(spanMs);
  return (
    <Section
      title="GPUs over time"
      side={
        <select
          aria-label="Time shown"
          value={spanMs}
          onChange={(event) => setSpan(Number(event.target.value))}
        >
          {SPANS.map(([text, ms]) => (
            <option key={ms} value={ms}>
              {text}
            </option>
          ))}
        </select>
      }
    >
      <Show answer={series} what="figures">
        {(data) => <Curves data={data} />}
      </Show>
    </Section>
  );
}

const CURVES = [
  {
    title: "held by sessions",
    share: (point: ClusterSeries["points"][number]) => shareOf(point.devices_in_use, point.devices),
  },
  {
    title: "above 80 % utilisation",
    share: (point: ClusterSeries["points"][number]) => shareOf(point.devices_busy, point.devices_measured),
  },
];

function Curves({ data }: { data: ClusterSeries & { from: string; to: string } }) {
  const { points, from, to, step_seconds } = data;
  if (points.length === 0) return <p className="quiet">Nothing has been measured in this time.</p>;
  const span = { fromMs: Date.parse(from), toMs: Date.parse(to), stepMs: step_seconds * 1000 };
  const curves = CURVES.map(({ title, share }) => {
    const moments = points.map((point) => ({ atMs: Date.parse(point.at), share: share(point) }));
    const known = moments.flatMap((moment) => moment.share ?? []);
    const mean = known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length;
    return { title, path: curvePath(moments, span, { width: WIDTH, height: HEIGHT }), mean };
  });
  return (
    <figure className="history shares">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={curves.map(({ title, mean }) => `GPUs ${title}: ${percent(mean)} on average`).join("; ")}
      >
        {[0.25, 0.5, 0.75].map((at) => (
          <line key={at} x1={0} x2={WIDTH} y1={at * HEIGHT} y2={at * HEIGHT} className="shares-grid" />
        ))}
        {curves.map(({ title, path }, index) => (
          <path
            key={title}
            d={path}
            className="shares-line"
            stroke={lineColour(index)}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <figcaption>
        {curves.map(({ title, mean }, index) => (
          <span key={title} className="shares-key">
            <i aria-hidden="true" style={{ background: lineColour(index) }} /> {title}:{" "}
            <strong>{percent(mean)}</strong> on average
          </span>
        ))}
        <span className="quiet">
          {shortTime(from)} to {shortTime(to)}, 0 to 100 % of the GPUs
        </span>
      </figcaption>
    </figure>
  );
}

const percent = (share: number | null) => (share === null ? "not known" : `${Math.round(share * 100)} %`);
