import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { Submission } from "../../api/types.ts";
import { ProblemNotice } from "../../ui/states.tsx";
import { competitionKeys } from "./queries.ts";

/** Chooses a submission to count on the final board, or lets go of it. */
export function ChooseSubmission({ submission }: { submission: Submission }) {
  const client = useQueryClient();
  const { competition, id, number, selected } = submission;
  const choose = useMutation({
    mutationFn: () => {
      const params = { path: { id } };
      return bodyOf(
        selected
          ? api.DELETE("/api/v1/submissions/{id}/selected", { params })
          : api.PUT("/api/v1/submissions/{id}/selected", { params }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: competitionKeys.submissions(competition) }),
  });
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={selected}
          disabled={choose.isPending}
          onChange={() => choose.mutate()}
          aria-label={`Submission ${number} counts in the end`}
        />
        counts
      </label>
      {choose.error !== null && <ProblemNotice error={choose.error} />}
    </>
  );
}
