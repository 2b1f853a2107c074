import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import { useLive } from "../../api/live.ts";
import type { Competition, Me, Round, Survivors } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { ConfirmWithReason } from "../../ui/confirm-with-reason.tsx";
import { LiveMark } from "../../ui/live-mark.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { Show } from "../../ui/states.tsx";
import { mayManage } from "../accounts/me.ts";
import { competitionReactions, useCompetition } from "../competitions/queries.ts";
import { OrganizersOnly } from "./organizers-only.tsx";
import { useSurvivors } from "./queries.ts";
import { ruleInWords, type SurvivorRule } from "./survivor-rule.ts";
import { SurvivorTable } from "./survivor-table.tsx";
import { TryRule } from "./try-rule.tsx";
import { useRoundWrite } from "./use-round-write.ts";

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
              <Decision name={name} round={round} found={found} />
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

function Decision({ name, round, found }: { name: string; round: Round; found: Survivors }) {
  const [asking, setAsking] = useState<"advance" | "undo" | null>(null);
  const params = { path: { name, round: round.name } };
  const done = { onSuccess: () => setAsking(null) };
  const advance = useRoundWrite(name, (reason: string | null) =>
    bodyOf(
      api.POST("/api/v1/competitions/{name}/rounds/{round}/advance", {
        params,
        body: reason === null ? {} : { reason },
      }),
    ),
  );
  const undo = useRoundWrite(name, (reason: string | null) =>
    bodyOf(
      api.POST("/api/v1/competitions/{name}/rounds/{round}/advance/undo", {
        params,
        body: reason === null ? {} : { reason },
      }),
    ),
  );
  const who = plural(found.survivors_count, "entrant");
  const hint = "The contest's history keeps it, and the entrants read it there.";
  return (
    <div className="board-tool">
      <p>{standing(round, found)}</p>
      {round.state === "closed" && found.advanced_at === null && (
        <button type="button" className="button primary" onClick={() => setAsking("advance")}>
          Let them advance
        </button>
      )}
      {found.undoable && (
        <button type="button" className="button" onClick={() => setAsking("undo")}>
          Undo the advance
        </button>
      )}
      {asking === "advance" && (
        <ConfirmWithReason
          title={`Let ${who} advance?`}
          confirm="Advance"
          hint={hint}
          busy={advance.isPending}
          error={advance.error}
          onConfirm={(reason) => advance.mutate(reason, done)}
          onCancel={() => setAsking(null)}
        >
          <p>
            {"all" in found.rule
              ? "They enter the next round, and so do those without a score."
              : `They enter the next round; ${plural(found.eliminated_count, "entrant")} and those without a score stay behind.`}
          </p>
          <p>You can undo it until the next round opens.</p>
        </ConfirmWithReason>
      )}
      {asking === "undo" && (
        <ConfirmWithReason
          title={`Undo the advance of ${who}?`}
          confirm="Undo"
          hint={hint}
          busy={undo.isPending}
          error={undo.error}
          onConfirm={(reason) => undo.mutate(reason, done)}
          onCancel={() => setAsking(null)}
        >
          <p>
            Everybody is back in this round, as if nobody had advanced. Then let the survivors advance again.
          </p>
        </ConfirmWithReason>
      )}
    </div>
  );
}

/** Where the round stands, and what that means for what is shown. */
function standing(round: Round, found: Survivors): string {
  if (round.state === "upcoming") return "This round has not opened: nobody has a score.";
  if (found.advanced_at !== null)
    return `${plural(found.survivors_count, "entrant")} entered the next round.${found.why_not_undoable ? ` ${found.why_not_undoable}` : ""}`;
  if (round.state === "closed") return "The round is closed, and its survivors have not advanced.";
  const waits = found.under_way > 0 ? ` ${plural(found.under_way, "submission")} still to be scored.` : "";
  return `The round is ${round.state}: this is how its final board stands now, and it may change.${waits}`;
}
