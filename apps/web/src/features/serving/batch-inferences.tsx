import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { BatchInference, Endpoint } from "../../api/types.ts";
import { count } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty, ProblemNotice, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useBatchInferences, useEndpointWrite } from "./queries.ts";

/** Whole datasets that a version predicts in a session of its own: those so far, and the way to begin one. */
export function BatchInferences({ endpoint }: { endpoint: Endpoint }) {
  const batches = useBatchInferences(endpoint.name);
  return (
    <Section title="Batch inference">
      <Show answer={batches} what="the batch inferences">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No dataset was predicted yet">
              Every row of a dataset is predicted in a session, and kept as a version of another dataset.
            </Empty>
          ) : (
            <BatchTable team={endpoint.team} batches={items} />
          )
        }
      </Show>
      <BatchForm name={endpoint.name} />
    </Section>
  );
}

function BatchTable({ team, batches }: { team: string; batches: readonly BatchInference[] }) {
  return (
    <TableScroll label="Batch inferences">
      <table className="table">
        <thead>
          <tr>
            <th>Dataset</th>
            <th className="number">Version</th>
            <th>State</th>
            <th className="number">Rows</th>
            <th>Begun</th>
            <th>Predictions</th>
            <th>Session</th>
          </tr>
        </thead>
        <tbody>
          {batches.map((batch) => (
            <Batch key={batch.id} team={team} batch={batch} />
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Batch({ team, batch }: { team: string; batch: BatchInference }) {
  const { dataset, version, state, progress, created_at, output, output_version, failure } = batch;
  return (
    <tr>
      <td>{dataset}</td>
      <td className="number">{version}</td>
      <td>
        <StatePill state={state} />
        {failure !== null && <span className="under">{failure}</span>}
      </td>
      <td className="number">{progress && `${count(progress.done)} of ${count(progress.total)}`}</td>
      <td>
        <Time at={created_at} />
      </td>
      <td>
        {output_version === null ? (
          <span className="quiet">{output}</span>
        ) : (
          <Link to={`/datasets/${team}/${output}`}>{`${output}@${output_version}`}</Link>
        )}
      </td>
      <td>
        <Link to={`/sessions/${batch.session_id}`}>its session</Link>
      </td>
    </tr>
  );
}

function BatchForm({ name }: { name: string }) {
  const [dataset, setDataset] = useState("");
  const [output, setOutput] = useState("");
  const start = useEndpointWrite(name, (body: { dataset: string; output: string }) =>
    bodyOf(api.POST("/api/v1/endpoints/{name}/batch-inferences", { params: { path: { name } }, body })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate({ dataset: dataset.trim(), output: output.trim() }, { onSuccess: () => setDataset("") });
  };
  return (
    <>
      <form className="form-row shares" onSubmit={submit} aria-label="Predict a dataset">
        <Field
          label="Dataset"
          required
          placeholder="rows or rows@2"
          value={dataset}
          onChange={(event) => setDataset(event.target.value)}
        />
        <Field
          label="Predictions go to"
          required
          placeholder="scores"
          value={output}
          onChange={(event) => setOutput(event.target.value)}
        />
        <button type="submit" className="button" disabled={start.isPending}>
          Predict
        </button>
      </form>
      {start.error && <ProblemNotice error={start.error} />}
    </>
  );
}
