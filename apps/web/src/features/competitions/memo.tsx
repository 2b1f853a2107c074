import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Submission } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Field } from "../../ui/field.tsx";
import { competitionKeys } from "./queries.ts";

const MAX_LENGTH = 2000;

/** What an entrant says of its submission, and the way to say something else; nobody but its team and the organizer reads it. */
export function Memo({ submission }: { submission: Submission }) {
  const [writing, setWriting] = useState(false);
  const { number, memo } = submission;
  return (
    <span className="under">
      {memo}{" "}
      <button
        type="button"
        className="link-button"
        aria-label={`${memo ? "Change" : "Write"} the memo of submission ${number}`}
        onClick={() => setWriting(true)}
      >
        {memo ? "change" : "write a memo"}
      </button>
      {writing && <Write submission={submission} onDone={() => setWriting(false)} />}
    </span>
  );
}

function Write({ submission, onDone }: { submission: Submission; onDone: () => void }) {
  const client = useQueryClient();
  const { id, number, competition } = submission;
  const [memo, setMemo] = useState(submission.memo ?? "");
  const write = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PUT("/api/v1/submissions/{id}/memo", { params: { path: { id } }, body: { memo: memo.trim() } }),
      ),
    onSuccess: () => {
      onDone();
      return client.invalidateQueries({ queryKey: competitionKeys.submissions(competition) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate();
  };
  return (
    <Confirm
      title={`Memo of submission ${number}`}
      confirm="Save"
      busy={write.isPending}
      error={write.error}
      onConfirm={() => write.mutate()}
      onCancel={onDone}
    >
      <form onSubmit={submit}>
        <Field
          label="Memo"
          hint="Your team and the organizer read it. Empty takes it away."
          value={memo}
          maxLength={MAX_LENGTH}
          onChange={(event) => setMemo(event.target.value)}
        />
      </form>
    </Confirm>
  );
}
