import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLive } from "../../api/live.ts";
import type { Competition, Me, Round } from "../../api/types.ts";
import { LiveMark } from "../../ui/live-mark.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Show } from "../../ui/states.tsx";
import { mayManage } from "../accounts/me.ts";
import { competitionReactions, useCompetition } from "../competitions/queries.ts";
import { OrganizersOnly } from "./organizers-only.tsx";
import { useSurvivors } from "./queries.ts";
import { SurvivorDecision } from "./survivor-decision.tsx";
import { ruleInWords, type SurvivorRule } from "./survivor-rule.ts";
import { SurvivorTable } from "./survivor-table.tsx";
import { TryRule } from "./try-rule.tsx";

/** Who enters the next round: a preview by the round's rule or another, the advance, and its undoing. */
export function SurvivorsPage({ me, name, round }: { me: Me; name: string; round: string }) {
  const up = { to: `/competitions/${name}?round=${round}`, text: name };
  const title = `Survivors of ${round}`;
  return (
    <PageOf answer={useCompetition(name)} what="the competition" title={title} up={up}>
      {(competition) => {
        const found = competition.rounds.find((each) => each.name === round);
        if (!found || !mayManage(me, competition.organizer)) return <OrganizersOnly title={title} up={up} />;
        return <SurvivorsOf competition={competition} round={found} title={title} />;
      }}
    </PageOf>
  );
}

function SurvivorsOf(props: { competition: Competition; round: Round; title: string }) {
  const { competition, round, title } = props;
  const { name } = competition;
  const client = useQueryClient();
  const live = useLive(`/api/v1/competitions/${encodeURIComponent(name)}/stream`, {
    ...competitionReactions(client, name),
    leaderboard: () => client.invalidateQueries({ queryKey: ["leaderboard", name] }),
  });
  const [wanted, setRule] = useState<SurvivorRule | null>(null);
  const own = useSurvivors(name, round.name, null);
  // Once they have advanced there is nothing to try.
  const rule = own.data && own.data.advanced_at !== null ? null : wanted;
  const survivors = useSurvivors(name, round.name, rule);
  return (
    <Page
      title={title}
      up={{ to: `/competitions/${name}?round=${round.name}`, text: competition.title }}
      side={<LiveMark state={live} />}
    >
      <Section title="What happens">
        <Show answer={own} what="the survivors">
          {(found) => (
            <>
              <p>
                The round's rule lets on {ruleInWords(found.rule, competition.order)}; ties go on together.
              </p>
              <SurvivorDecision name={name} round={round} found={found} />
            </>
          )}
        </Show>
      </Section>
      <Section title={rule === null ? "Who goes on" : "Who would go on"} flush>
        {round.state !== "upcoming" && own.data?.advanced_at === null && (
          <TryRule rule={rule} order={competition.order} onTry={setRule} />
        )}
        <Show answer={survivors} what="the survivors">
          {(found) => <SurvivorTable found={found} round={round.name} />}
        </Show>
      </Section>
    </Page>
  );
}
