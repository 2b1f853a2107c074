import { useMemo } from "react";
import { measure } from "../../format/numbers.ts";
import { Section } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Plot } from "./lazy-plot.tsx";
import { groupMetrics, seriesOf, shownName } from "./metric-groups.ts";
import { type Metrics as MetricsData, useMetrics } from "./queries.ts";

/** What a session reported: the summary values, then a plot a metric, grouped by the part before `/`. */
export function Metrics({
  id,
  summary,
  waiting,
}: {
  id: string;
  summary: Record<string, number>;
  waiting: boolean;
}) {
  const metrics = useMetrics(id);
  return (
    <Section title="Metrics">
      <SummaryTiles summary={summary} />
      <Show answer={metrics} what="metrics">
        {(data) =>
          data.items.length === 0 && Object.keys(summary).length === 0 ? (
            <Empty title={waiting ? "Nothing reported yet" : "This session reported no metrics"}>
              Call <code>podium.report(step=…, loss=…)</code> in your program; plots appear here while it
              runs.
            </Empty>
          ) : (
            <MetricPlots data={data} id={id} />
          )
        }
      </Show>
    </Section>
  );
}

function SummaryTiles({ summary }: { summary: Record<string, number> }) {
  const entries = Object.entries(summary);
  if (entries.length === 0) return null;
  return (
    <dl className="tiles">
      {entries.map(([name, value]) => (
        <div key={name} className="figure">
          <dt>{shownName(name)}</dt>
          <dd title={String(value)}>{measure(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function MetricPlots({ data, id }: { data: MetricsData; id: string }) {
  const series = useMemo(() => seriesOf(data.items), [data.items]);
  const groups = useMemo(() => groupMetrics(series.keys()), [series]);
  return groups.map((group) => (
    <section key={group.title} aria-label={group.title || "Ungrouped metrics"}>
      {group.title !== "" && <h3 className="group-title">{group.title}</h3>}
      <div className="plots">
        {group.metrics.map(({ name, label }) => (
          <SinglePlot key={name} name={name} label={label} session={id} series={series} />
        ))}
      </div>
    </section>
  ));
}

function SinglePlot(props: {
  name: string;
  label: string;
  session: string;
  series: ReturnType<typeof seriesOf>;
}) {
  const one = props.series.get(props.name);
  const lines = useMemo(() => (one ? [{ label: props.label, series: one }] : []), [one, props.label]);
  return <Plot title={props.label} lines={lines} group={props.session} />;
}
