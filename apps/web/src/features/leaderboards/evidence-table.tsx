import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Submission } from "../../api/types.ts";
import { measure, plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { TableScroll } from "../../ui/page.tsx";
import { Loading, ProblemNotice } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { competitionKeys } from "../competitions/queries.ts";

/** The submissions that a finding is about, fetched once somebody wants to see them. */
export function EvidenceTable({ competition, ids }: { competition: string; ids: readonly string[] }) {
  const [open, setOpen] = useState(false);
  if (ids.length === 0) return null;
  return (
    <details className="text-page" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{plural(ids.length, "submission")} as evidence</summary>
      {open && <Submissions competition={competition} ids={ids} />}
    </details>
  );
}

function Submissions({ competition, ids }: { competition: string; ids: readonly string[] }) {
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: competitionKeys.submission(competition, id),
      queryFn: () => bodyOf(api.GET("/api/v1/submissions/{id}", { params: { path: { id } } })),
    })),
    combine: (answers) => ({
      rows: answers.flatMap(({ data }): Submission[] => (data ? [data] : [])),
      error: answers.find(({ error }) => error !== null)?.error ?? null,
    }),
  });
  if (found.error) return <ProblemNotice error={found.error} />;
  if (found.rows.length < ids.length) return <Loading what="the submissions" />;
  return (
    <TableScroll label="Evidence">
      <table className="table">
        <thead>
          <tr>
            <th>Entrant</th>
            <th>Round</th>
            <th className="number">#</th>
            <th className="number">Score</th>
            <th>Submitted</th>
          </tr>
        </thead>
        <tbody>
          {found.rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to={`/competitions/${competition}/entrants/${row.entrant}?round=${row.round}`}>
                  {row.entrant}
                </Link>
              </td>
              <td>{row.round}</td>
              <td className="number">{row.number}</td>
              <td className="number strong">{row.score === null ? "–" : measure(row.score)}</td>
              <td>
                <Time at={row.submitted_at} style="short" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
