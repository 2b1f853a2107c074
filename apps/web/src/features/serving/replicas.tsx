import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Binding, Endpoint } from "../../api/types.ts";
import { count } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useEndpointWrite } from "./queries.ts";
import { mayTakeTraffic } from "./traffic.ts";

/** The live copies of each version: where they run, how busy they are, and how many there may be. */
export function Replicas({ endpoint }: { endpoint: Endpoint }) {
  return (
    <Section title="Replicas">
      {endpoint.bindings.map((binding) => (
        <section key={binding.id} aria-label={`Replicas of version ${binding.version}`}>
          <h3>Version {binding.version}</h3>
          <p className="quiet">{howMany(binding)}</p>
          {binding.scaling.trouble !== null && (
            <div className="failure">
              <p className="failure-text">{binding.scaling.trouble}</p>
            </div>
          )}
          {binding.replicas.length > 0 && <ReplicaTable binding={binding} />}
          {mayTakeTraffic(binding) && <ScalingForm name={endpoint.name} binding={binding} />}
        </section>
      ))}
    </Section>
  );
}

function howMany({ replicas, scaling }: Binding): string {
  const ready = replicas.filter(({ state }) => state === "ready").length;
  return `${count(ready)} ready of ${count(scaling.wanted)} that it shall have now.`;
}

function ReplicaTable({ binding: { version, replicas } }: { binding: Binding }) {
  return (
    <TableScroll label={`Table of version ${version}`}>
      <table className="table">
        <thead>
          <tr>
            <th>Node</th>
            <th>State</th>
            <th>Since</th>
            <th className="number">Calls now</th>
            <th className="number">Placed again</th>
            <th>Session</th>
          </tr>
        </thead>
        <tbody>
          {replicas.map(({ session_id, node, state, since, in_flight, restarts }) => (
            <tr key={session_id}>
              <td>{node ?? <span className="quiet">none yet</span>}</td>
              <td>
                <StatePill state={state} />
              </td>
              <td>
                <Time at={since} />
              </td>
              <td className="number">{count(in_flight)}</td>
              <td className="number">{count(restarts)}</td>
              <td>
                <Link to={`/sessions/${session_id}`}>its session</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** How many replicas a version may have. */
function ScalingForm({ name, binding }: { name: string; binding: Binding }) {
  const { id, version, scaling } = binding;
  /** what was typed and not sent yet; null: what holds is shown, also when somebody else changes it */
  const [typed, setTyped] = useState<{ least: string; most: string } | null>(null);
  const save = useEndpointWrite(name, (body: { min_replicas: number; max_replicas: number }) =>
    bodyOf(
      api.PATCH("/api/v1/endpoints/{name}/bindings/{id}/scaling", { params: { path: { name, id } }, body }),
    ),
  );
  const shown = typed ?? { least: String(scaling.min_replicas), most: String(scaling.max_replicas) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { min_replicas: Number(shown.least), max_replicas: Number(shown.most) };
    save.mutate(body, { onSuccess: () => setTyped((now) => (now === typed ? null : now)) });
  };
  return (
    <>
      <form className="form-row shares" onSubmit={submit} aria-label={`Replicas of version ${version}`}>
        <Field
          label="At least"
          type="number"
          min={0}
          max={1000}
          required
          value={shown.least}
          onChange={(event) => setTyped({ ...shown, least: event.target.value })}
        />
        <Field
          label="At most"
          type="number"
          min={1}
          max={1000}
          required
          value={shown.most}
          onChange={(event) => setTyped({ ...shown, most: event.target.value })}
        />
        <button type="submit" className="button" disabled={typed === null || save.isPending}>
          Set
        </button>
      </form>
      {save.error && <ProblemNotice error={save.error} />}
    </>
  );
}
