import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { sessionKeys } from "./queries.ts";

/** Stops a session after asking: it may save a checkpoint, then its processes end. */
export function StopSession({ session }: { session: Session }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const stop = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/sessions/{id}/stop", { params: { path: { id: session.id } } })),
    onSuccess: (stopping) => {
      client.setQueryData(sessionKeys.one(session.id), stopping);
      setAsking(false);
    },
  });
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={session.state === "stopping"}
        onClick={() => setAsking(true)}
      >
        {session.state === "stopping" ? "Stopping…" : "Stop"}
      </button>
      {asking && (
        <Confirm
          title={`Stop ${session.name}?`}
          confirm={stop.isPending ? "Stopping…" : "Stop the session"}
          danger
          busy={stop.isPending}
          error={stop.error}
          onConfirm={() => stop.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>It is asked to save a checkpoint, then its processes end. Logs, metrics and checkpoints stay.</p>
        </Confirm>
      )}
    </>
  );
}
