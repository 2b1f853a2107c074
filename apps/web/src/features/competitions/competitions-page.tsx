import type { Competition } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Page } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { metricTitle } from "./metric-title.ts";
import { useCompetitions } from "./queries.ts";
import { standing } from "./round-choice.ts";

/** All competitions that one may see. */
export function CompetitionsPage() {
  const competitions = useCompetitions();
  return (
    <Page title="Competitions" lead="Join one, train on its data, submit, and watch the board.">
      <Show answer={competitions} what="competitions">
        {(items) =>
          items.length === 0 ? (
            <Empty title="No competitions yet">
              An organizer makes one from a folder with a <code>competition.yaml</code>:
              <br />
              <code>podium competition create examples/movie-score</code>
            </Empty>
          ) : (
            <ul className="cards">
              {items.map((competition) => (
                <CompetitionCard key={competition.id} competition={competition} />
              ))}
            </ul>
          )
        }
      </Show>
    </Page>
  );
}

function CompetitionCard({ competition }: { competition: Competition }) {
  const { text, state } = standing(competition.rounds);
  const firstLine = competition.description.split("\n").find((line) => line.trim() !== "");
  return (
    <li className="card tile">
      <div className="tile-head">
        <h2>
          <Link to={`/competitions/${competition.name}`} className="tile-link">
            {competition.title}
          </Link>
        </h2>
        <StatePill state={state} />
      </div>
      {firstLine && <p className="tile-text">{firstLine}</p>}
      <ol className="steps" aria-label="Rounds">
        {competition.rounds.map((round) => (
          <li
            key={round.id}
            className={`step step-${round.state}`}
            title={`${round.title || round.name}: ${round.state}`}
          />
        ))}
      </ol>
      <p className="tile-foot">
        <span>{text}</span>
        <span>{metricTitle(competition.metric, competition.order)}</span>
        <span>{plural(competition.entrants, "entrant")}</span>
        <span>
          by {competition.organizer}, <Time at={competition.created_at} />
        </span>
      </p>
    </li>
  );
}
