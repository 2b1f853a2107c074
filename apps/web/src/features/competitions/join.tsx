import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Entrant, Me } from "../../api/types.ts";
import { ProblemNotice } from "../../ui/states.tsx";
import { personalTeam } from "../accounts/me.ts";
import { Agree, useTerms } from "./agree.tsx";
import { competitionKeys } from "./queries.ts";

interface JoinProps {
  me: Me;
  name: string;
  entrants: readonly Entrant[];
  /** new entrants are taken until the first round is over */
  open: boolean;
}

/** Joins with one of one's teams, after agreeing to the terms, or says as whom one takes part. */
export function Join({ me, name, entrants, open }: JoinProps) {
  const mine = entrants.filter((entrant) => me.teams.some((own) => own.slug === entrant.team));
  if (mine.length > 0) {
    return (
      <p className="joined">
        {mine.map((entrant) => (
          <TakesPart key={entrant.id} name={name} entrant={entrant} />
        ))}
      </p>
    );
  }
  return open ? <JoinAs me={me} name={name} /> : null;
}

function useJoin(name: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { team: string; terms?: string }) =>
      bodyOf(api.POST("/api/v1/competitions/{name}/entrants", { params: { path: { name } }, body })),
    onSuccess: () => {
      onDone();
      return client.invalidateQueries({ queryKey: competitionKeys.one(name) });
    },
    // The terms may have become others while one read them.
    onError: () => client.invalidateQueries({ queryKey: competitionKeys.terms(name) }),
  });
}

function JoinAs({ me, name }: { me: Me; name: string }) {
  const [team, setTeam] = useState(personalTeam(me));
  const [asking, setAsking] = useState(false);
  const terms = useTerms(name);
  const join = useJoin(name, () => setAsking(false));
  const start = () => (terms.data?.terms ? setAsking(true) : join.mutate({ team }));
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
        onClick={start}
        disabled={join.isPending || terms.isPending}
      >
        {join.isPending ? "Joining…" : "Join"}
      </button>
      {join.error && !asking && <ProblemNotice error={join.error} />}
      {asking && (
        <Agree
          name={name}
          confirm={join.isPending ? "Joining…" : `Join as ${team}`}
          busy={join.isPending}
          error={join.error}
          onAgree={(sha256) => join.mutate({ team, terms: sha256 })}
          onCancel={() => setAsking(false)}
        />
      )}
    </div>
  );
}

/** As whom one takes part; who agreed to other terms is asked for these before submitting. */
function TakesPart({ name, entrant }: { name: string; entrant: Entrant }) {
  const [asking, setAsking] = useState(false);
  const agree = useJoin(name, () => setAsking(false));
  const isIn = entrant.state === "active" || entrant.state === "eliminated";
  return (
    <span>
      You take part as <strong>{entrant.team}</strong>
      {entrant.state === "active" ? "" : ` (${entrant.state})`}{" "}
      {isIn && !entrant.agreed && (
        <button type="button" className="button small" onClick={() => setAsking(true)}>
          Agree to the new terms
        </button>
      )}
      {asking && (
        <Agree
          name={name}
          confirm="Agree"
          busy={agree.isPending}
          error={agree.error}
          onAgree={(sha256) => agree.mutate({ team: entrant.team, terms: sha256 })}
          onCancel={() => setAsking(false)}
        />
      )}
    </span>
  );
}
