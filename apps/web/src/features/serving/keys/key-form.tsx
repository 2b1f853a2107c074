import type { FormEvent } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import type { NewEndpointKey } from "../../../api/types.ts";
import { Field } from "../../../ui/field.tsx";
import { ProblemNotice } from "../../../ui/states.tsx";
import { useEndpointWrite } from "../queries.ts";
import { newKeyOf, SCOPES } from "./new-key-of.ts";
import type { Secret } from "./secret.ts";

/** Makes a key; its limits are optional. */
export function KeyForm({ name, onSecret }: { name: string; onSecret: (secret: Secret) => void }) {
  // The secret is shown as soon as it is there, before the page fetches what has changed: there is no second time.
  const make = useEndpointWrite(name, async (body: NewEndpointKey) => {
    const made = await bodyOf(
      api.POST("/api/v1/endpoints/{name}/keys", { params: { path: { name } }, body }),
    );
    onSecret({ name: body.name, text: made.key });
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    make.mutate(newKeyOf(new FormData(form)), { onSuccess: () => form.reset() });
  };
  return (
    <details className="text-page">
      <summary>Make a key</summary>
      <form onSubmit={submit} aria-label="Make a key" className="form">
        <div className="form-row shares">
          <Field label="What it is for" name="name" required maxLength={100} placeholder="the web shop" />
          <Field
            label="Days it is valid"
            name="days"
            type="number"
            min={1}
            max={3650}
            placeholder="for ever"
          />
          <Field
            label="Versions"
            name="versions"
            pattern="\s*[0-9]+(\s*,\s*[0-9]+)*\s*"
            title="Numbers, such as 1, 3"
            placeholder="all"
          />
          <Field label="Calls a second" name="rate" type="number" min={0.001} step="any" placeholder="any" />
          <Field label="Calls a day" name="day" type="number" min={1} placeholder="any" />
          <Field label="Calls a month" name="month" type="number" min={1} placeholder="any" />
        </div>
        <fieldset className="scopes">
          <legend>It may</legend>
          {SCOPES.map(([scope, what]) => (
            <label key={scope} className="check">
              <input type="checkbox" name="scope" value={scope} defaultChecked /> {what}
            </label>
          ))}
        </fieldset>
        <p>
          <button type="submit" className="button primary" disabled={make.isPending}>
            Make it
          </button>
        </p>
        {make.error && <ProblemNotice error={make.error} />}
      </form>
    </details>
  );
}
