import { useState } from "react";
import type { ClusterSeries } from "../../api/types.ts";
import { shareOf } from "../../ui/curve.ts";
import { Curves, SPANS, SpanChoice } from "../../ui/curves.tsx";
import { Section } from "../../ui/page.tsx";
import { Show } from "../../ui/states.tsx";
import { useClusterSeries } from "./queries.ts";

type Point = ClusterSeries["points"][number];

const CURVES = [
  { title: "held by sessions", share: (point: Point) => shareOf(point.devices_in_use, point.devices) },
  {
    title: "above 80 % utilisation",
    share: (point: Point) => shareOf(point.devices_busy, point.devices_measured),
  },
];

/** How much of the cluster's GPUs was given out, and how much of them worked hard, over time. */
export function ClusterChart() {
  const [spanMs, setSpan] = useState<number>(SPANS[1][1]);
  const series = useClusterSeries(spanMs);
  return (
    <Section title="GPUs over time" side={<SpanChoice spanMs={spanMs} onChange={setSpan} />}>
      <Show answer={series} what="figures">
        {({ points, from, to, step_seconds }) =>
          points.length === 0 ? (
            <p className="quiet">Nothing has been measured in this time.</p>
          ) : (
            <Curves
              of="GPUs"
              curves={CURVES.map(({ title, share }) => ({
                title,
                moments: points.map((point) => ({ atMs: Date.parse(point.at), share: share(point) })),
              }))}
              span={{ from, to, stepSeconds: step_seconds }}
              note="0 to 100 % of the GPUs"
            />
          )
        }
      </Show>
    </Section>
  );
}
