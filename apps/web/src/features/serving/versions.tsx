import type { Binding, Endpoint, VersionFigures } from "../../api/types.ts";
import { count, measure } from "../../format/numbers.ts";
import { Section, TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useVersionFigures } from "./queries.ts";
import { percent } from "./traffic-bar.tsx";

/** The versions of an endpoint, and what was counted of each. */
export function Versions({ endpoint }: { endpoint: Endpoint }) {
  const figures = useVersionFigures(endpoint.name);
  return (
    <Section title="Versions" flush>
      {endpoint.bindings.length === 0 ? (
        <Empty title="Nothing is bound yet">
          Bind a checkpoint: <code>podium endpoint bind {endpoint.name} SESSION CHECKPOINT</code>
        </Empty>
      ) : (
        <TableScroll label="Versions">
          <table className="table">
            <thead>
              <tr>
                <th className="number">Version</th>
                <th>Model</th>
                <th>State</th>
                <th className="number">Traffic</th>
                <th className="number">Calls</th>
                <th className="number">Errors</th>
                <th className="number">p50</th>
                <th className="number">p99</th>
              </tr>
            </thead>
            {endpoint.bindings.map((binding) => (
              <Version
                key={binding.id}
                binding={binding}
                figures={figures.data?.items.find(({ binding_id }) => binding_id === binding.id)}
              />
            ))}
          </table>
        </TableScroll>
      )}
    </Section>
  );
}

const COLUMNS = 8;

function Version({ binding, figures }: { binding: Binding; figures: VersionFigures | undefined }) {
  const { version, model, state, failure, stops_at } = binding;
  return (
    <tbody className="group">
      <tr>
        <td className="number">{version}</td>
        <td>
          <code>{model}</code>
        </td>
        <td>
          <StatePill state={state} />
        </td>
        <td className="number strong">{percent(binding.percent / 100)}</td>
        <td className="number">{figures ? count(figures.calls) : "–"}</td>
        <td className="number">{figures ? count(figures.errors) : "–"}</td>
        <td className="number">{milliseconds(figures?.p50_ms)}</td>
        <td className="number">{milliseconds(figures?.p99_ms)}</td>
      </tr>
      {failure !== null && (
        <tr className="detail-row">
          <td colSpan={COLUMNS}>
            <div className="failure">
              <p className="failure-text">{failure}</p>
            </div>
          </td>
        </tr>
      )}
      {stops_at !== null && (
        <tr className="detail-row">
          <td colSpan={COLUMNS} className="quiet">
            {state === "draining"
              ? "Ends its last calls, at the latest"
              : "Kept ready for a rollback, and taken off"}{" "}
            <Time at={stops_at} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** A latency; what nobody has measured is a dash. */
export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : `${measure(value)} ms`;
