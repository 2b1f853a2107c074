import { useQueryClient } from "@tanstack/react-query";
import { useLive } from "../../api/live.ts";
import type { Competition, Me } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { LiveMark } from "../../ui/live-mark.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Time } from "../../ui/time.tsx";
import { mayManage } from "../accounts/me.ts";
import { Board } from "../leaderboards/board.tsx";
import { CloseRound } from "./close-round.tsx";
import { History } from "./history.tsx";
import { HowToSubmit } from "./how-to-submit.tsx";
import { Join } from "./join.tsx";
import { metricTitle } from "./metric-title.ts";
import { competitionReactions, useCompetition, useEntrants } from "./queries.ts";
import { chooseRound, takesEntrants } from "./round-choice.ts";
import { RoundClock } from "./round-clock.tsx";
import { Rounds } from "./rounds.tsx";
import { Submissions } from "./submissions.tsx";
import { Texts } from "./texts.tsx";

/** A competition: rounds, live board, one's submissions, the text; for the organizer also the way to close a round. */
export function CompetitionPage({ me, name, round }: { me: Me; name: string; round: string | null }) {
  const competition = useCompetition(name);
  return (
    <PageOf
      answer={competition}
      what="the competition"
      title={name}
      up={{ to: "/competitions", text: "Competitions" }}
    >
      {(found) => <CompetitionView me={me} competition={found} wanted={round} />}
    </PageOf>
  );
}

function CompetitionView({
  me,
  competition,
  wanted,
}: {
  me: Me;
  competition: Competition;
  wanted: string | null;
}) {
  const { name, rounds } = competition;
  const client = useQueryClient();
  const live = useLive(
    `/api/v1/competitions/${encodeURIComponent(name)}/stream`,
    competitionReactions(client, name),
  );
  const entrants = useEntrants(name);
  const chosen = chooseRound(rounds, wanted);
  const organizes = mayManage(me, competition.organizer);
  const takesPart =
    entrants.data?.some((entrant) => me.teams.some((team) => team.slug === entrant.team)) ?? false;

  return (
    <Page
      title={competition.title}
      up={{ to: "/competitions", text: "Competitions" }}
      lead={<Lead competition={competition} />}
      side={
        <>
          {entrants.data && (
            <Join me={me} name={name} entrants={entrants.data} open={takesEntrants(rounds)} />
          )}
          {organizes && chosen?.state === "open" && (
            <>
              <RoundClock name={name} round={chosen} />
              <CloseRound name={name} round={chosen} last={chosen.number === rounds.length} />
            </>
          )}
        </>
      }
    >
      <Rounds name={name} rounds={rounds} chosen={chosen} />
      <div className="columns">
        <div className="column-main">
          <Section title="Leaderboard" side={<LiveMark state={live} />} flush>
            {chosen && <Board key={chosen.id} me={me} competition={competition} round={chosen} />}
          </Section>
          <Submissions
            me={me}
            competition={competition}
            round={chosen}
            organizes={organizes}
            takesPart={takesPart}
          />
        </div>
        <div className="column-side">
          <About text={competition.description} />
          <Texts name={name} />
          {chosen && <HowToSubmit round={chosen} takesPart={takesPart} />}
          <History name={name} />
        </div>
      </div>
    </Page>
  );
}

function Lead({ competition }: { competition: Competition }) {
  return (
    <span className="dotted">
      <span>{metricTitle(competition.metric, competition.order)}</span>
      <Link to={`/competitions/${competition.name}/entrants`}>{plural(competition.entrants, "entrant")}</Link>
      <span>
        by {competition.organizer}, <Time at={competition.created_at} />
      </span>
    </span>
  );
}

/** The organizer's text, as text: its line breaks are kept and nothing in it is markup. */
function About({ text }: { text: string }) {
  return (
    <Section title="About">
      {text.trim() === "" ? (
        <p className="quiet">The organizer has not described this competition.</p>
      ) : (
        <p className="prose plain-text">{text.trim()}</p>
      )}
    </Section>
  );
}
