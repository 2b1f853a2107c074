import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Entrant, Me } from "../../api/types.ts";
import { ProblemNotice } from "../../ui/states.tsx";
import { personalTeam } from "../accounts/me.ts";
import { competitionKeys } from "./queries.ts";

interface JoinProps {
  me: Me;
  name: string;
  entrants: readonly Entrant[];
  /** new entrants are taken until the first round is over */
  open: boolean;
}

/** Joins with one of one's teams, or says as whom one takes part. */
export function Join({ me, name, entrants, open }: JoinProps) {
  const client = useQueryClient();
  const [team, setTeam] = useState(personalTeam(me));
  const join = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/entrants", { params: { path: { name } }, body: { team } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: competitionKeys.one(name) }),
  });
  const mine = entrants.filter((entrant) => me.teams.some((own) => own.slug === entrant.team));
  if (mine.length > 0) {
    return (
      <p className="joined">
        {mine.map((entrant) => (
          <span key={entrant.id}>
            You take part as <strong>{entrant.team}</strong>
            {entrant.state === "active" ? "" : ` (${entrant.state})`}
          </span>
        ))}
      </p>
    );
  }
  if (!open) return null;
  return (
    <div className="join">
      {me.teams.length > 1 && (
        <select aria-label="Team to join with" value={team} onChange={(event) => setTeam(event.target.value)}>
          {me.teams.map((own) => (
            <option key={own.id}>{own.slug}</option>
          ))}
        </select>
      )}
      <button
        type="button"
        className="button primary"
        onClick={() => join.mutate()}
        disabled={join.isPending}
      >
        {join.isPending ? "Joining…" : "Join"}
      </button>
      {join.error && <ProblemNotice error={join.error} />}
    </div>
  );
}
