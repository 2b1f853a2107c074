import { useQueryClient } from "@tanstack/react-query";
import { useLive } from "../../../api/live.ts";
import type { Competition, Me, Rejudging } from "../../../api/types.ts";
import { LiveMark } from "../../../ui/live-mark.tsx";
import { Page, Section, TableScroll } from "../../../ui/page.tsx";
import { PageOf } from "../../../ui/page-of.tsx";
import { Show } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { mayManage } from "../../accounts/me.ts";
import { competitionReactions, useCompetition } from "../../competitions/queries.ts";
import { OrganizersOnly } from "../organizers-only.tsx";
import { Differences } from "./differences.tsx";
import { useRejudgings } from "./queries.ts";
import { StartRejudging } from "./start-rejudging.tsx";
import { UnderWay } from "./under-way.tsx";

/** A round's rejudgings: how one is started, what it would change, and the word that makes it count or drops it. */
export function RejudgingsPage({ me, name, round }: { me: Me; name: string; round: string }) {
  const up = { to: `/competitions/${name}?round=${round}`, text: name };
  const title = `Rejudging of ${round}`;
  return (
    <PageOf answer={useCompetition(name)} what="the competition" title={title} up={up}>
      {(competition) =>
        mayManage(me, competition.organizer) && competition.rounds.some((each) => each.name === round) ? (
          <RejudgingsView competition={competition} round={round} title={title} />
        ) : (
          <OrganizersOnly title={title} up={up} />
        )
      }
    </PageOf>
  );
}

function RejudgingsView(props: { competition: Competition; round: string; title: string }) {
  const { competition, round, title } = props;
  const { name } = competition;
  const client = useQueryClient();
  const live = useLive(
    `/api/v1/competitions/${encodeURIComponent(name)}/stream`,
    competitionReactions(client, name),
  );
  const rejudgings = useRejudgings(name, round);
  return (
    <Page
      title={title}
      up={{ to: `/competitions/${name}?round=${round}`, text: competition.title }}
      lead="Submissions are scored again aside. Nothing that anybody sees changes until you apply it."
      side={<LiveMark state={live} />}
    >
      <Show answer={rejudgings} what="the rejudgings">
        {({ items }) => {
          const current = items.find(({ state }) => state === "scoring" || state === "ready");
          const over = items.filter((each) => each !== current);
          return (
            <>
              {current ? (
                <>
                  <UnderWay rejudging={current} />
                  {current.state === "ready" && <Differences rejudging={current} />}
                </>
              ) : (
                <StartRejudging name={name} round={round} organizer={competition.organizer} />
              )}
              {over.length > 0 && <Over rejudgings={over} />}
            </>
          );
        }}
      </Show>
    </Page>
  );
}

function Over({ rejudgings }: { rejudgings: readonly Rejudging[] }) {
  return (
    <Section title="Before" flush>
      <TableScroll label="Rejudgings before">
        <table className="table">
          <thead>
            <tr>
              <th>Why</th>
              <th>State</th>
              <th className="number">Scored</th>
              <th className="number">Without a score</th>
              <th>Ended</th>
            </tr>
          </thead>
          <tbody>
            {rejudgings.map((each) => (
              <tr key={each.id}>
                <td>{each.reason}</td>
                <td>{each.state}</td>
                <td className="number">{each.scored}</td>
                <td className="number">{each.failed}</td>
                <td>{each.ended_at && <Time at={each.ended_at} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}
