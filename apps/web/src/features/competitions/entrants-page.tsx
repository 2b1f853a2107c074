import type { Competition, Me } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Page, Section, TableScroll } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { mayManage } from "../accounts/me.ts";
import { BanEntrant, UnbanEntrant, Withdraw } from "./entrant-actions.tsx";
import { type EntrantView, entrantViews } from "./entrant-views.ts";
import { Merges, ProposeMerge } from "./merges.tsx";
import { useCompetition, useEntrants } from "./queries.ts";

/** Who takes part; merging and leaving for those who do, excluding for the organizer. */
export function EntrantsPage({ me, name }: { me: Me; name: string }) {
  const competition = useCompetition(name);
  const up = { to: `/competitions/${name}`, text: name };
  return (
    <PageOf answer={competition} what="the competition" title="Who takes part" up={up}>
      {(found) => <EntrantsView me={me} competition={found} />}
    </PageOf>
  );
}

function EntrantsView({ me, competition }: { me: Me; competition: Competition }) {
  const { name } = competition;
  const entrants = useEntrants(name);
  const organizes = mayManage(me, competition.organizer);
  return (
    <Page
      title="Who takes part"
      up={{ to: `/competitions/${name}`, text: competition.title }}
      lead={plural(competition.entrants, "entrant")}
    >
      <Section title="Entrants" flush>
        <Show answer={entrants} what="the entrants">
          {(all) =>
            all.length === 0 ? (
              <Empty title="Nobody takes part yet">Join on the competition's page.</Empty>
            ) : (
              <EntrantTable name={name} views={entrantViews(me, organizes, all)} />
            )
          }
        </Show>
      </Section>
      <Merges me={me} name={name} />
    </Page>
  );
}

function EntrantTable({ name, views }: { name: string; views: readonly EntrantView[] }) {
  return (
    <TableScroll label="Entrants">
      <table className="table">
        <thead>
          <tr>
            <th>Team</th>
            <th>Members</th>
            <th>Round</th>
            <th>State</th>
            <th>Joined</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {views.map(({ entrant, may, proposer }) => (
            <tr key={entrant.id}>
              <td>{entrant.team}</td>
              <td>{entrant.members}</td>
              <td>{entrant.round}</td>
              <td>{entrant.merged_into ? `merged into ${entrant.merged_into}` : entrant.state}</td>
              <td>
                <Time at={entrant.joined_at} />
              </td>
              <td className="end">
                {proposer && <ProposeMerge name={name} from={proposer} into={entrant.team} />}
                {may === "withdraw" && <Withdraw name={name} team={entrant.team} />}
                {may === "ban" && <BanEntrant name={name} team={entrant.team} />}
                {may === "unban" && <UnbanEntrant name={name} team={entrant.team} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
