import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { lineColour } from "../../ui/line-colour.ts";
import { Page, Section } from "../../ui/page.tsx";
import { Empty, Loading, ProblemNotice } from "../../ui/states.tsx";
import { Plot } from "../tracking/lazy-plot.tsx";
import { groupMetrics, seriesOf } from "../tracking/metric-groups.ts";
import { type Metrics, metricsQuery } from "../tracking/queries.ts";
import { CompareTable } from "./compare-table.tsx";
import { sessionQuery } from "./queries.ts";

const EVERY_MS = 5_000;

/** Several sessions side by side: what differs in how they were started, and their metrics laid over each other. */
export function ComparePage({ ids }: { ids: readonly string[] }) {
  const client = useQueryClient();
  const sessions = useQueries({
    queries: ids.map((id) => ({ ...sessionQuery(id), refetchInterval: EVERY_MS })),
  });
  const metrics = useQueries({
    queries: ids.map((id) => ({ ...metricsQuery(client, id), refetchInterval: EVERY_MS })),
  });
  const error = [...sessions, ...metrics].find((answer) => answer.error && answer.data === undefined)?.error;
  const found = sessions.flatMap(({ data }) => data ?? []);

  return (
    <Page
      title={`Comparing ${plural(ids.length, "session")}`}
      up={{ to: "/sessions", text: "Sessions" }}
      lead={
        <ul className="keys">
          {found.map((session, index) => (
            <li key={session.id}>
              <span className="key" style={{ background: lineColour(index) }} aria-hidden="true" />
              <Link to={`/sessions/${session.id}`}>{session.name}</Link>
            </li>
          ))}
        </ul>
      }
    >
      {ids.length < 2 && (
        <Empty title="Choose two sessions or more">
          Tick their boxes in the <Link to="/sessions">list of sessions</Link>, then compare.
        </Empty>
      )}
      {error !== undefined && error !== null && <ProblemNotice error={error} />}
      {found.length === ids.length && found.length > 0 ? (
        <>
          <Section title="How they were started" flush>
            <CompareTable sessions={found} />
          </Section>
          <Section title="Metrics">
            <Overlay names={found.map((session) => session.name)} metrics={metrics.map(({ data }) => data)} />
          </Section>
        </>
      ) : (
        !error && ids.length > 0 && <Loading what="the sessions" />
      )}
    </Page>
  );
}

function Overlay({
  names,
  metrics,
}: {
  names: readonly string[];
  metrics: readonly (Metrics | undefined)[];
}) {
  // `metrics` is a new array at every render, its parts are not
  const series = useMemo(
    () => metrics.map((one) => seriesOf(one?.items ?? [])),
    metrics.map((one) => one?.items),
  );
  const groups = groupMetrics(new Set(series.flatMap((one) => [...one.keys()])));
  if (groups.length === 0)
    return <Empty title="None of them reported metrics">Choose sessions that report while they train.</Empty>;
  return groups.map((group) => (
    <section key={group.title} aria-label={group.title || "Ungrouped metrics"}>
      {group.title !== "" && <h3 className="group-title">{group.title}</h3>}
      <div className="plots">
        {group.metrics.map(({ name, label }) => (
          <Plot
            key={name}
            title={label}
            group="compare"
            lines={series.map((one, index) => ({
              label: names[index] ?? "",
              series: one.get(name) ?? { xs: [], ys: [] },
            }))}
          />
        ))}
      </div>
    </section>
  ));
}
