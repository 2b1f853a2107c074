import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import type { Rejudging } from "../../../api/types.ts";
import { count, plural } from "../../../format/numbers.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { Facts, Section } from "../../../ui/page.tsx";
import { Time } from "../../../ui/time.tsx";
import { competitionKeys } from "../../competitions/queries.ts";
import { ScoringWaits } from "../scoring-wait.tsx";

type Verb = "apply" | "cancel";

/** The rejudging that scores or waits for the organizer's word. */
export function UnderWay({ rejudging }: { rejudging: Rejudging }) {
  const { pending, scored, failed } = rejudging;
  const all = pending + scored + failed;
  return (
    <Section title="Under way">
      <p role="status">
        {rejudging.state === "ready"
          ? `All ${plural(all, "submission")} have been scored again. Look at what would change, then apply or cancel it.`
          : `${count(scored + failed)} of ${plural(all, "submission")} ${scored + failed === 1 ? "has" : "have"} been scored again.${rejudging.applying ? " It is applied as soon as the last one has its score." : ""}`}
      </p>
      {rejudging.wait && <ScoringWaits wait={rejudging.wait} />}
      <meter
        className="progress"
        value={all === 0 ? 1 : scored + failed}
        max={Math.max(1, all)}
        aria-label={`${scored + failed} of ${all} scored again`}
      />
      <Facts
        facts={[
          ["Why", rejudging.reason, "wide"],
          ["Begun", <Time key="begun" at={rejudging.created_at} />],
          ["Without a score", count(failed)],
        ]}
      />
      <div className="board-tool">
        {rejudging.state === "ready" && <Ask rejudging={rejudging} verb="apply" />}
        <Ask rejudging={rejudging} verb="cancel" />
      </div>
    </Section>
  );
}

const ASK = {
  apply: {
    button: "Apply",
    title: "Make these scores the ones that count?",
    confirm: "Apply",
    text: "All scores and boards of the round change at once, and the labels and the program it was scored with become the round's own. The entrants are told in the contest's history.",
  },
  cancel: {
    button: "Cancel the rejudging",
    title: "Drop this rejudging?",
    confirm: "Drop it",
    text: "Scores and boards stay as they are. To score again you start anew.",
  },
} as const;

function Ask({ rejudging: { competition: name, id }, verb }: { rejudging: Rejudging; verb: Verb }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const words = ASK[verb];
  const params = { path: { name, id } };
  const act = useMutation({
    mutationFn: () =>
      bodyOf(
        verb === "apply"
          ? api.POST("/api/v1/competitions/{name}/rejudgings/{id}/apply", { params })
          : api.POST("/api/v1/competitions/{name}/rejudgings/{id}/cancel", { params }),
      ),
    onSuccess: () => {
      setAsking(false);
      return Promise.all([
        client.invalidateQueries({ queryKey: competitionKeys.one(name) }),
        client.invalidateQueries({ queryKey: ["leaderboard", name] }),
      ]);
    },
  });
  return (
    <>
      <button
        type="button"
        className={verb === "apply" ? "button primary" : "button"}
        onClick={() => setAsking(true)}
      >
        {words.button}
      </button>
      {asking && (
        <Confirm
          title={words.title}
          confirm={words.confirm}
          danger={verb === "cancel"}
          busy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>{words.text}</p>
        </Confirm>
      )}
    </>
  );
}
