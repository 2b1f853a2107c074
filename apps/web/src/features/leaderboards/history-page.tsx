import type { EntrantHistory } from "../../api/types.ts";
import { measure } from "../../format/numbers.ts";
import { Page, Section, TableScroll } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { progressOf } from "../competitions/progress.ts";
import { useCompetition } from "../competitions/queries.ts";
import { ScoreHistory } from "../competitions/score-history.tsx";
import { useHistory } from "./queries.ts";
import { RankTrend } from "./rank-trend.tsx";

interface Props {
  name: string;
  entrant: string;
  round: string | null;
}

/** An entrant's submissions of a round, and how its scores and its rank went. */
export function HistoryPage({ name, entrant, round }: Props) {
  const order = useCompetition(name).data?.order;
  const up = { to: `/competitions/${name}${round === null ? "" : `?round=${round}`}`, text: name };
  return (
    <PageOf answer={useHistory(name, entrant, round)} what="the submissions" title={entrant} up={up}>
      {(found) => (
        <Page title={entrant} up={up} lead={`in ${found.round}`}>
          {order && progressOf(found.submissions, order).length > 1 && (
            <Section title="Score over time">
              <ScoreHistory submissions={found.submissions} order={order} />
            </Section>
          )}
          <Section title="Rank over time">
            <RankTrend submissions={found.submissions} />
          </Section>
          <Section title="Submissions" flush>
            <SubmissionRows submissions={found.submissions} />
          </Section>
        </Page>
      )}
    </PageOf>
  );
}

function SubmissionRows({ submissions }: Pick<EntrantHistory, "submissions">) {
  if (submissions.length === 0)
    return <Empty title="No submissions in this round">They appear here as they are made.</Empty>;
  return (
    <TableScroll label="Submissions">
      <table className="table">
        <thead>
          <tr>
            <th className="number">#</th>
            <th>Submitted</th>
            <th>State</th>
            <th className="number">Score</th>
            <th className="number">Best so far</th>
            <th className="number">Rank then</th>
          </tr>
        </thead>
        <tbody>
          {submissions.toReversed().map((row) => (
            <tr key={row.id}>
              <td className="number">{row.number}</td>
              <td className="nowrap">
                <Time at={row.submitted_at} style="short" />
              </td>
              <td className="nowrap">
                <StatePill state={row.state} />
                {row.trial && <span className="tag">trial</span>}
                {row.selected && <span className="tag tag-good">selected</span>}
              </td>
              <td className="number strong">{row.score === null ? "–" : measure(row.score)}</td>
              <td className="number">{row.best === null ? "–" : measure(row.best)}</td>
              <td className="number">{row.rank ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
