import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Round } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Field } from "../../ui/field.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { competitionKeys } from "./queries.ts";

interface RoundClockProps {
  name: string;
  round: Round;
}

/** The organizer's hands on an open round's clock: stop it for a while, let it go on, close later. */
export function RoundClock({ name, round }: RoundClockProps) {
  const client = useQueryClient();
  const [extending, setExtending] = useState(false);
  const paused = round.paused_at !== null;
  const turn = useMutation({
    mutationFn: () => {
      const request = { params: { path: { name, round: round.name } }, body: {} };
      return bodyOf(
        paused
          ? api.POST("/api/v1/competitions/{name}/rounds/{round}/resume", request)
          : api.POST("/api/v1/competitions/{name}/rounds/{round}/pause", request),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: competitionKeys.one(name) }),
  });
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={turn.isPending}
        title={
          paused
            ? "Submissions are taken again; it closes later by as long as it was paused"
            : "No submissions are taken and its clock stands, until you let it go on"
        }
        onClick={() => turn.mutate()}
      >
        {paused ? "Resume the round" : "Pause the round"}
      </button>
      {round.closes_at !== null && (
        <button type="button" className="button" onClick={() => setExtending(true)}>
          Extend
        </button>
      )}
      {turn.error !== null && <ProblemNotice error={turn.error} />}
      {extending && <Extend name={name} round={round} onDone={() => setExtending(false)} />}
    </>
  );
}

function Extend({ name, round, onDone }: RoundClockProps & { onDone: () => void }) {
  const client = useQueryClient();
  const [closesAt, setClosesAt] = useState("");
  const extend = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/rounds/{round}/extend", {
          params: { path: { name, round: round.name } },
          body: { closes_at: new Date(closesAt).toISOString() },
        }),
      ),
    onSuccess: () => {
      onDone();
      return client.invalidateQueries({ queryKey: competitionKeys.one(name) });
    },
  });
  return (
    <Confirm
      title={`Extend ${round.title || round.name}`}
      confirm={extend.isPending ? "Extending…" : "Close later"}
      busy={extend.isPending || closesAt === ""}
      error={extend.error}
      onConfirm={() => extend.mutate()}
      onCancel={onDone}
    >
      <p>What has closed is not opened again, so extend it while it is open.</p>
      <Field
        label="New closing time, in your time zone"
        type="datetime-local"
        value={closesAt}
        onChange={(event) => setClosesAt(event.target.value)}
      />
    </Confirm>
  );
}
