import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Round } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { competitionKeys } from "./queries.ts";

/** The organizer's way to end a round by hand; asks first, since nobody can open it again. */
export function CloseRound({ name, round, last }: { name: string; round: Round; last: boolean }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const close = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/rounds/{round}/close", {
          params: { path: { name, round: round.name } },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: competitionKeys.one(name) });
    },
  });
  const title = round.title || round.name;
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Close the round
      </button>
      {asking && (
        <Confirm
          title={`Close ${title}?`}
          confirm={close.isPending ? "Closing…" : "Close the round"}
          danger
          busy={close.isPending}
          error={close.error}
          onConfirm={() => close.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>
            From now on nobody can submit to it. Submissions under way are still scored, then the{" "}
            {last ? "final standings are settled." : "survivors are settled and the next round opens."}
          </p>
          <p>A closed round can't be opened again.</p>
        </Confirm>
      )}
    </>
  );
}
