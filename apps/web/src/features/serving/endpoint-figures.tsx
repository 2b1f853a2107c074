import { useState } from "react";
import { Curves, SPANS, SpanChoice } from "../../ui/curves.tsx";
import { Facts, Section } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { failed, type Line, type Series, scaledCurves } from "./figure-curves.ts";
import { useEndpointSeries } from "./queries.ts";

/** What happens at an endpoint: calls and errors, latency, batch sizes. */
export function EndpointFigures({ name }: { name: string }) {
  const [spanMs, setSpan] = useState<number>(SPANS[0][1]);
  const series = useEndpointSeries(name, spanMs);
  return (
    <Section title="What happens" side={<SpanChoice spanMs={spanMs} onChange={setSpan} />}>
      <Show answer={series} what="figures">
        {(data) =>
          data.points.length === 0 ? (
            <Empty title="No calls in this time">
              Figures come a minute after the first call. Choose a longer time, or call it: see below.
            </Empty>
          ) : (
            <Figures series={data} />
          )
        }
      </Show>
    </Section>
  );
}

const LATENCIES: Line[] = [
  { title: "p50", read: ({ latency_ms }) => latency_ms.p50 },
  { title: "p95", read: ({ latency_ms }) => latency_ms.p95 },
  { title: "p99", read: ({ latency_ms }) => latency_ms.p99 },
];
const SIZES: Line[] = [{ title: "requests in a batch", read: ({ batch_size }) => batch_size }];

function Figures({ series }: { series: Series }) {
  const seconds = series.step_seconds;
  const rates: Line[] = [
    { title: "calls", read: ({ calls }) => calls / seconds },
    { title: "errors", read: (point) => failed(point) / seconds },
  ];
  return (
    <>
      <Facts facts={totalsOf(series)} />
      <h3>Calls and errors</h3>
      <Amounts series={series} of="Rate of" lines={rates} quietly={0} unit="/s" />
      <h3>Latency</h3>
      <Amounts series={series} of="Latency" lines={LATENCIES} quietly={null} unit=" ms" />
      <h3>Batches</h3>
      <Amounts series={series} of="Number of" lines={SIZES} quietly={null} unit="" />
    </>
  );
}

interface AmountsProps {
  series: Series;
  of: string;
  lines: readonly Line[];
  quietly: 0 | null;
  unit: string;
}

function Amounts({ series, of, lines, quietly, unit }: AmountsProps) {
  const { curves, largest } = scaledCurves(series, lines, quietly);
  const tell = (share: number | null) => (share === null ? "not known" : amount(share * largest, unit));
  return (
    <Curves
      of={of}
      curves={curves}
      span={{ from: series.from, to: series.to, stepSeconds: series.step_seconds }}
      note={`0 to ${amount(largest, unit)}`}
      tell={tell}
    />
  );
}

function totalsOf({ points }: Series): Parameters<typeof Facts>[0]["facts"] {
  const calls = points.reduce((sum, point) => sum + point.calls, 0);
  const wrong = points.reduce((sum, point) => sum + failed(point), 0);
  const waiting = Math.max(...points.map(({ max_waiting }) => max_waiting));
  const kinds = Object.entries(errorsOf(points)).map(([name, count]) => `${count} ${name}`);
  return [
    ["Calls", String(calls)],
    ["Errors", wrong === 0 ? "none" : `${wrong} (${kinds.join(", ")})`, "wide"],
    ["Most that waited at once", String(waiting)],
  ];
}

function errorsOf(points: Series["points"]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { errors } of points)
    for (const [name, count] of Object.entries(errors)) if (count > 0) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** Three digits that matter. */
const amount = (value: number, unit: string) => `${Number(value.toPrecision(3))}${unit}`;
