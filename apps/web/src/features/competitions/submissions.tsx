import { useState } from "react";
import type { Competition, Me, Round, Submission } from "../../api/types.ts";
import { score, scoreDecimals } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Lasted, Time } from "../../ui/time.tsx";
import { ChooseSubmission } from "./choose-submission.tsx";
import { Memo } from "./memo.tsx";
import { useSubmissions } from "./queries.ts";
import { QueuePlace } from "./queue-place.tsx";
import { ScoreHistory } from "./score-history.tsx";

interface SubmissionsProps {
  me: Me;
  competition: Competition;
  round: Round | undefined;
  organizes: boolean;
  takesPart: boolean;
}

/** One's submissions of the round with their states as they change; the organizer can see everybody's. */
export function Submissions({ me, competition, round, organizes, takesPart }: SubmissionsProps) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const everybody = chosen ?? (organizes && !takesPart);
  const submissions = useSubmissions(competition.name);
  const isShown = (submission: Submission) =>
    submission.round === round?.name &&
    (everybody || me.teams.some((team) => team.slug === submission.entrant));
  return (
    <Section
      title={everybody ? "All submissions" : "My submissions"}
      flush
      side={
        organizes && (
          <label className="check">
            <input
              type="checkbox"
              checked={everybody}
              onChange={(event) => setChosen(event.target.checked)}
            />
            of all entrants
          </label>
        )
      }
    >
      <Show answer={submissions} what="submissions">
        {(all) => {
          const ofRound = all.filter(isShown);
          if (ofRound.length === 0)
            return <NoSubmissions everybody={everybody} open={round?.state === "open"} />;
          return (
            <>
              {!everybody && (
                <>
                  <ScoreHistory submissions={ofRound} order={competition.order} />
                  <RankLinks submissions={ofRound} />
                </>
              )}
              <SubmissionTable
                submissions={ofRound}
                showEntrant={everybody}
                choosing={!everybody && competition.selects !== null && round?.state === "open"}
              />
            </>
          );
        }}
      </Show>
    </Section>
  );
}

/** The way to how one's rank went, for each of one's teams that submitted. */
function RankLinks({ submissions }: { submissions: readonly Submission[] }) {
  const first = new Map(submissions.map((submission) => [submission.entrant, submission]));
  return (
    <p className="table-note">
      {[...first.values()].map(({ competition, entrant, round }) => (
        <Link key={entrant} to={`/competitions/${competition}/entrants/${entrant}?round=${round}`}>
          Scores and ranks of {entrant} over time
        </Link>
      ))}
    </p>
  );
}

function NoSubmissions({ everybody, open }: { everybody: boolean; open: boolean }) {
  if (everybody)
    return <Empty title="No submissions in this round">They appear here as entrants submit.</Empty>;
  return (
    <Empty title="You have not submitted to this round">
      {open
        ? "Train a session, save a checkpoint, and submit it with the command above."
        : "It takes submissions only while it is open."}
    </Empty>
  );
}

interface TableProps {
  submissions: readonly Submission[];
  showEntrant: boolean;
  /** entrants say which of theirs count in the end */
  choosing: boolean;
}

function SubmissionTable({ submissions, showEntrant, choosing }: TableProps) {
  const decimals = scoreDecimals(submissions.flatMap((submission) => submission.score ?? []));
  const columns = showEntrant ? 6 : 5;
  return (
    <TableScroll label="Submissions">
      <table className="table">
        <thead>
          <tr>
            <th className="number">#</th>
            {showEntrant && <th>Entrant</th>}
            <th>State</th>
            <th className="number">Score</th>
            <th className="wide-only">Kind</th>
            <th>Submitted</th>
          </tr>
        </thead>
        {submissions.map((submission) => (
          <tbody key={submission.id} className="group">
            <tr>
              <td className="number">{submission.number}</td>
              {showEntrant && <td>{submission.entrant}</td>}
              <td>
                <StatePill state={submission.state} />
                <QueuePlace submission={submission} own={!showEntrant} />
              </td>
              <td className="number strong">
                {submission.score === null ? "–" : score(submission.score, decimals)}
                {choosing && submission.state === "scored" && !submission.trial && (
                  <ChooseSubmission submission={submission} />
                )}
                {!choosing && submission.selected && <span className="under">counts in the end</span>}
              </td>
              <td className="wide-only">
                <Kind submission={submission} own={!showEntrant} />
              </td>
              <td>
                <Time at={submission.submitted_at} />
                {submission.ended_at && (
                  <span className="under">
                    took <Lasted start={submission.submitted_at} end={submission.ended_at} />
                  </span>
                )}
              </td>
            </tr>
            {submission.failure && <FailureRow submission={submission} columns={columns} />}
          </tbody>
        ))}
      </table>
    </TableScroll>
  );
}

/** What it is, what its entrant says of it, and the way to its log for who may read it. */
function Kind({ submission, own }: { submission: Submission; own: boolean }) {
  const { kind, trial, memo, session } = submission;
  return (
    <>
      {trial ? `${kind}, trial run` : kind}
      {own ? <Memo submission={submission} /> : memo && <span className="under">{memo}</span>}
      {session && <span className="under">{session}</span>}
    </>
  );
}

function FailureRow({ submission, columns }: { submission: Submission; columns: number }) {
  if (!submission.failure) return null;
  return (
    <tr className="detail-row">
      <td colSpan={columns}>
        <div className="failure">
          <p className="failure-text">{submission.failure.message}</p>
          <p className="failure-foot">
            <code>{submission.failure.code}</code>
            <span>{costOf(submission)}</span>
          </p>
        </div>
      </td>
    </tr>
  );
}

function costOf({ trial, refunded }: Submission): string {
  if (trial) return "A trial run is no try.";
  return refunded ? "This failure cost neither credit nor a try." : "This failure counts as a try.";
}
