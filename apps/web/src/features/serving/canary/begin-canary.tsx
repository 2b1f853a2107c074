import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import type { Endpoint, NewRollout } from "../../../api/types.ts";
import { Field } from "../../../ui/field.tsx";
import { ProblemNotice } from "../../../ui/states.tsx";
import { useEndpointWrite } from "../queries.ts";
import { stepsTyped } from "./state.ts";

const MINUTE_MS = 60_000;

/** Begins a canary: a version gets its traffic step by step, as long as it keeps a rule. */
export function BeginCanary({ endpoint }: { endpoint: Endpoint }) {
  const { name } = endpoint;
  const candidates = endpoint.bindings.filter(({ state, percent }) => state === "ready" && percent < 100);
  const [wrong, setWrong] = useState(false);
  const begin = useEndpointWrite(name, (body: NewRollout) =>
    bodyOf(api.POST("/api/v1/endpoints/{name}/rollouts", { params: { path: { name } }, body })),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const steps = stepsTyped(String(form.get("steps")));
    setWrong(steps === null);
    if (steps) begin.mutate(planOf(form, steps));
  };
  if (candidates.length === 0)
    return <p className="quiet">A version that is ready, beside one that has traffic, can become one.</p>;
  return (
    <details className="text-page">
      <summary>Begin a canary</summary>
      <form className="form-row shares" onSubmit={submit} aria-label="Begin a canary">
        <div className="field">
          <label htmlFor="canary-version">Version</label>
          <select id="canary-version" name="version" defaultValue={candidates.at(-1)?.version}>
            {candidates.map(({ version }) => (
              <option key={version}>{version}</option>
            ))}
          </select>
        </div>
        <Field label="Steps, %" name="steps" required defaultValue="5, 25, 50, 100" aria-invalid={wrong} />
        <Whole label="Minutes a step" name="minutes" min={1} max={10_080} value={10} />
        <Whole label="Calls a step" name="calls" min={1} max={10_000_000} value={100} />
        <Field
          label="Failures, % at most"
          name="errors"
          type="number"
          min={0}
          max={100}
          step="any"
          required
          defaultValue={1}
        />
        <Field
          label="p99, times at most"
          name="ratio"
          type="number"
          min={1}
          max={1000}
          step="any"
          placeholder="any"
        />
        <Whole label="Compare first" name="shadow" min={0} max={10_000_000} value={0} />
        <button type="submit" className="button" disabled={begin.isPending}>
          Begin
        </button>
      </form>
      <p className="hint" role="status">
        {wrong ? "Steps grow and end with 100, such as 5, 25, 50, 100." : ""}
      </p>
      {begin.error && <ProblemNotice error={begin.error} />}
    </details>
  );
}

function Whole({
  label,
  name,
  min,
  max,
  value,
}: {
  label: string;
  name: string;
  min: number;
  max: number;
  value: number;
}) {
  return <Field label={label} name={name} type="number" min={min} max={max} required defaultValue={value} />;
}

function planOf(form: FormData, steps: number[]): NewRollout {
  const number = (name: string) => Number(form.get(name));
  return {
    version: number("version"),
    steps,
    every_ms: number("minutes") * MINUTE_MS,
    min_calls: number("calls"),
    max_error_rate: number("errors") / 100,
    max_p99_ratio: form.get("ratio") === "" ? null : number("ratio"),
    shadow_calls: number("shadow"),
  };
}
