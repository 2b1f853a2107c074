import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import { CodeBlock } from "../../../ui/copy.tsx";
import { Field } from "../../../ui/field.tsx";
import { Section } from "../../../ui/page.tsx";
import { ProblemNotice } from "../../../ui/states.tsx";
import { competitionKeys } from "../../competitions/queries.ts";
import { pushFile } from "./push-file.ts";

interface Props {
  name: string;
  round: string;
  /** whose the labels are */
  organizer: string;
}

/** Begins to score a round again: by its own labels, or by a corrected file. */
export function StartRejudging({ name, round, organizer }: Props) {
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: async ({ reason, labels }: { reason: string; labels: File | null }) => {
      const tree = labels === null ? {} : { labels: await pushFile(labels, organizer) };
      return bodyOf(
        api.POST("/api/v1/competitions/{name}/rounds/{round}/rejudgings", {
          params: { path: { name, round } },
          body: { reason, ...tree },
        }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: competitionKeys.one(name) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("labels");
    const labels = file instanceof File && file.name !== "" ? file : null;
    start.mutate({ reason: String(form.get("reason")).trim(), labels });
  };
  return (
    <Section title="Score again">
      <form className="form" onSubmit={submit}>
        <Field
          label="Why"
          name="reason"
          hint="The contest's history keeps it; once it is applied, the entrants read it there."
          required
          maxLength={2000}
        />
        <Field
          label="Corrected labels"
          name="labels"
          type="file"
          hint="The labels file as it should have been, up to 8 MiB. None: the round's own labels, by the columns as they are now."
        />
        {start.error && <ProblemNotice error={start.error} />}
        <div>
          <button type="submit" className="button primary" disabled={start.isPending}>
            Score again, aside
          </button>
        </div>
      </form>
      <CodeBlock
        label="With another scoring program, or larger labels"
        code={`podium competition rejudge ${name} ${round} --reason "WHY" --scorer FOLDER`}
      />
    </Section>
  );
}
