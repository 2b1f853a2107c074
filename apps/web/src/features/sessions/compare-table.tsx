import type { Session } from "../../api/types.ts";
import { useNow } from "../../clock.ts";
import { measure } from "../../format/numbers.ts";
import { between, duration } from "../../format/time.ts";
import { TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { shownName } from "../tracking/metric-groups.ts";
import { type ArgRow, compareArgs, rowOf } from "./args.ts";
import { needs } from "./needs.ts";

/** How sessions were started and what came out, a column each; what differs is highlighted. */
export function CompareTable({ sessions }: { sessions: readonly Session[] }) {
  const nowMs = useNow();
  const summaries = [...new Set(sessions.flatMap((session) => Object.keys(session.summary)))].sort();
  const about = [
    rowOf(
      "program",
      sessions.map((session) => session.entrypoint),
    ),
    rowOf(
      "code",
      sessions.map((session) => session.code_tree.slice(0, 12)),
    ),
    rowOf(
      "needs",
      sessions.map((session) => needs(session.resources)),
    ),
    rowOf(
      "node",
      sessions.map((session) => session.node),
    ),
  ];
  const results = [
    rowOf(
      "ran",
      sessions.map(
        ({ started_at, ended_at }) => started_at && duration(between(started_at, ended_at, nowMs)),
      ),
    ),
    ...summaries.map((name) =>
      rowOf(
        shownName(name),
        sessions.map(({ summary }) => (summary[name] === undefined ? null : measure(summary[name]))),
      ),
    ),
  ];
  return (
    <TableScroll label="Comparison">
      <table className="table compare">
        <thead>
          <tr>
            <th />
            {sessions.map((session) => (
              <th key={session.id}>
                {session.name}
                <div>
                  <StatePill state={session.state} />
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <Part
          title="Arguments"
          rows={compareArgs(sessions.map((session) => session.args))}
          ids={sessions.map(({ id }) => id)}
        />
        <Part title="Session" rows={about} ids={sessions.map(({ id }) => id)} />
        <Part title="Results" rows={results} ids={sessions.map(({ id }) => id)} plain />
      </table>
    </TableScroll>
  );
}

interface PartProps {
  title: string;
  rows: readonly ArgRow[];
  ids: readonly string[];
  /** results differ anyway: highlighting them says nothing */
  plain?: boolean;
}

function Part({ title, rows, ids, plain = false }: PartProps) {
  if (rows.length === 0) return null;
  return (
    <tbody>
      <tr className="part">
        <th scope="rowgroup" colSpan={ids.length + 1}>
          {title}
        </th>
      </tr>
      {rows.map((row) => (
        <tr key={row.name} className={row.differs && !plain ? "differs" : undefined}>
          <th scope="row">{row.name}</th>
          {ids.map((id, index) => (
            <td key={id}>{row.values[index] ?? <span className="quiet">–</span>}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}
