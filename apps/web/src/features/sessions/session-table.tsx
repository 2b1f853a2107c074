import type { Session } from "../../api/types.ts";
import { measure } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Lasted, Time } from "../../ui/time.tsx";
import { shownName } from "../tracking/metric-groups.ts";
import { needs } from "./needs.ts";

interface SessionTableProps {
  sessions: readonly Session[];
  chosen: readonly string[];
  onToggle: (id: string) => void;
}

/** Sessions as rows; the boxes choose which ones to compare. */
export function SessionTable({ sessions, chosen, onToggle }: SessionTableProps) {
  return (
    <div className="card card-flush">
      <TableScroll label="Sessions">
        <table className="table">
          <thead>
            <tr>
              <th>
                <span className="visually-hidden">Compare</span>
              </th>
              <th>Session</th>
              <th>State</th>
              <th>Result</th>
              <th>Runs on</th>
              <th>Made</th>
              <th className="number">Ran</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id} className={chosen.includes(session.id) ? "chosen" : undefined}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose ${session.name} for comparing`}
                    checked={chosen.includes(session.id)}
                    onChange={() => onToggle(session.id)}
                  />
                </td>
                <td>
                  <Link to={`/sessions/${session.id}`} className="strong nowrap">
                    {session.name}
                  </Link>
                  <span className="under">
                    {session.kind}
                    {session.memo && ` · ${session.memo}`}
                  </span>
                </td>
                <td>
                  <StatePill state={session.state} />
                </td>
                <td>
                  <Result session={session} />
                </td>
                <td>
                  {session.node ?? <span className="quiet">not placed</span>}
                  <span className="under">{needs(session.resources)}</span>
                </td>
                <td className="nowrap">
                  <Time at={session.created_at} />
                </td>
                <td className="number">
                  {session.started_at ? <Lasted start={session.started_at} end={session.ended_at} /> : "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}

const SHOWN = 2;

function Result({ session }: { session: Session }) {
  if (session.failure) {
    return (
      <span className="bad clamp" title={session.failure.message}>
        {session.failure.message}
      </span>
    );
  }
  return (
    <span className="chips">
      {Object.entries(session.summary)
        .slice(0, SHOWN)
        .map(([name, value]) => (
          <span key={name} className="chip">
            {shownName(name)} <strong>{measure(value)}</strong>
          </span>
        ))}
    </span>
  );
}
