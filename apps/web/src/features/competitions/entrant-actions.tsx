import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Field } from "../../ui/field.tsx";
import { competitionKeys } from "./queries.ts";

interface OfEntrant {
  name: string;
  team: string;
}

function useDeed<T>(name: string, work: (input: T) => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: () => {
      onDone();
      return client.invalidateQueries({ queryKey: competitionKeys.one(name) });
    },
  });
}

/** Takes one's own team out, for good. */
export function Withdraw({ name, team }: OfEntrant) {
  const [asking, setAsking] = useState(false);
  const path = { name, team };
  const leave = useDeed(
    name,
    () => bodyOf(api.POST("/api/v1/competitions/{name}/entrants/{team}/withdraw", { params: { path } })),
    () => setAsking(false),
  );
  return (
    <>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Withdraw
      </button>
      {asking && (
        <Confirm
          title={`Take ${team} out for good?`}
          confirm="Withdraw"
          danger
          busy={leave.isPending}
          error={leave.error}
          onConfirm={() => leave.mutate(undefined)}
          onCancel={() => setAsking(false)}
        >
          <p>What it has under way is stopped, and it leaves the boards.</p>
          <p>It can't come back, and its members can't take part with another team.</p>
        </Confirm>
      )}
    </>
  );
}

/** Excludes an entrant, with a reason that it is told. */
export function BanEntrant({ name, team }: OfEntrant) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const path = { name, team };
  const exclude = useDeed(
    name,
    () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/entrants/{team}/ban", { params: { path }, body: { reason } }),
      ),
    () => setAsking(false),
  );
  return (
    <>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Exclude
      </button>
      {asking && (
        <Confirm
          title={`Exclude ${team}?`}
          confirm="Exclude"
          danger
          busy={exclude.isPending || reason.trim() === ""}
          error={exclude.error}
          onConfirm={() => exclude.mutate(undefined)}
          onCancel={() => setAsking(false)}
        >
          <p>What it has under way is stopped, and it leaves the boards. You can let it in again.</p>
          <Field
            label="Why"
            hint="The team is told, and the contest's history keeps it."
            value={reason}
            maxLength={2000}
            onChange={(event) => setReason(event.target.value)}
          />
        </Confirm>
      )}
    </>
  );
}

/** Lets an excluded entrant in again. */
export function UnbanEntrant({ name, team }: OfEntrant) {
  const [asking, setAsking] = useState(false);
  const path = { name, team };
  const letIn = useDeed(
    name,
    () =>
      bodyOf(api.POST("/api/v1/competitions/{name}/entrants/{team}/unban", { params: { path }, body: {} })),
    () => setAsking(false),
  );
  return (
    <>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Let in again
      </button>
      {asking && (
        <Confirm
          title={`Let ${team} in again?`}
          confirm="Let in"
          busy={letIn.isPending}
          error={letIn.error}
          onConfirm={() => letIn.mutate(undefined)}
          onCancel={() => setAsking(false)}
        >
          <p>It is back on the boards. If others have gone on to a later round, it stays behind.</p>
        </Confirm>
      )}
    </>
  );
}
