import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Binding, Endpoint, VersionFigures } from "../../api/types.ts";
import { count, measure } from "../../format/numbers.ts";
import { Field } from "../../ui/field.tsx";
import { Facts, Section, TableScroll } from "../../ui/page.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { isUnderWay } from "./canary/state.ts";
import { useEndpointWrite, useNewestRollout, useVersionFigures } from "./queries.ts";
import { percent } from "./traffic-bar.tsx";
import { milliseconds } from "./versions.tsx";

type Figures = NonNullable<VersionFigures["shadow"]>;

/** Versions that get copies of calls, how their answers compare, and the way to begin one. */
export function Shadow({ endpoint }: { endpoint: Endpoint }) {
  const figures = useVersionFigures(endpoint.name).data?.items ?? [];
  const rollout = useNewestRollout(endpoint.name).data ?? null;
  const isMoved = rollout !== null && isUnderWay(rollout);
  const compared = figures.flatMap(({ version, shadow }) => (shadow ? [{ version, shadow }] : []));
  const running = new Set(compared.flatMap(({ version, shadow }) => (shadow.percent > 0 ? version : [])));
  const idle = endpoint.bindings.filter(
    ({ version, state, weight }) => state === "ready" && weight === 0 && !running.has(version),
  );
  if (compared.length === 0 && (idle.length === 0 || isMoved)) return null;
  return (
    <Section title="Shadow">
      {compared.map(({ version, shadow }) => (
        <Compared
          key={version}
          name={endpoint.name}
          version={version}
          shadow={shadow}
          mayChange={!isMoved && shadow.percent > 0}
        />
      ))}
      {!isMoved && idle.length > 0 && <BeginShadow name={endpoint.name} versions={idle} />}
    </Section>
  );
}

interface ComparedProps {
  name: string;
  version: number;
  shadow: Figures;
  mayChange: boolean;
}

function Compared({ name, version, shadow, mayChange }: ComparedProps) {
  const params = { path: { name } };
  const end = () =>
    bodyOf(
      api.PUT("/api/v1/endpoints/{name}/shadow", {
        params,
        body: { version, percent: 0, tolerance: shadow.tolerance },
      }),
    );
  const stop = useEndpointWrite(name, end);
  // What is a shadow can't answer callers: it ends being one first. Between the two nobody's calls change.
  const promote = useEndpointWrite(name, async () => {
    await end();
    const shares = [{ version, percent: 100 }];
    return bodyOf(api.PUT("/api/v1/endpoints/{name}/traffic", { params, body: { shares } }));
  });
  const busy = stop.isPending || promote.isPending;
  const error = stop.error ?? promote.error;
  return (
    <section aria-label={`Shadow of version ${version}`}>
      <h3>Version {version}</h3>
      <p className="quiet">
        {shadow.percent > 0
          ? `Gets a copy of ${percent(shadow.percent / 100)} of the calls; numbers agree within ${shadow.tolerance}.`
          : "Gets no copies any more. This is how it compared."}
      </p>
      <Facts facts={factsOf(shadow)} />
      {shadow.worst.length > 0 && <Worst worst={shadow.worst} version={version} />}
      {error && <ProblemNotice error={error} />}
      {mayChange && (
        <p className="buttons">
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => promote.mutate(undefined)}
          >
            Promote version {version} to all calls
          </button>
          <button type="button" className="button" disabled={busy} onClick={() => stop.mutate(undefined)}>
            End the shadow
          </button>
        </p>
      )}
    </section>
  );
}

function factsOf(shadow: Figures): Parameters<typeof Facts>[0]["facts"] {
  return [
    ["Compared", count(shadow.compared)],
    ["Agreed", shadow.agreement === null ? "–" : `${count(shadow.agreed)} (${percent(shadow.agreement)})`],
    ["Gave no answer", count(shadow.failed)],
    ["Copies dropped", count(shadow.dropped)],
    ["Largest difference", shadow.max_difference === null ? "–" : measure(shadow.max_difference)],
    ["Mean difference", shadow.mean_difference === null ? "–" : measure(shadow.mean_difference)],
    ["p99", `${milliseconds(shadow.p99_ms)}, callers' ${milliseconds(shadow.primary_p99_ms)}`, "wide"],
  ];
}

function Worst({ worst, version }: { worst: Figures["worst"]; version: number }) {
  return (
    <TableScroll label={`Where version ${version} differs most`}>
      <table className="table">
        <thead>
          <tr>
            <th>Differs most at</th>
            <th className="number">By</th>
            <th>When</th>
          </tr>
        </thead>
        <tbody>
          {worst.map(({ where, difference, at }) => (
            <tr key={`${where} ${at}`}>
              <td>
                <code>{where}</code>
              </td>
              <td className="number">{difference === null ? "not of numbers" : measure(difference)}</td>
              <td>
                <Time at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function BeginShadow({ name, versions }: { name: string; versions: readonly Binding[] }) {
  const begin = useEndpointWrite(name, (body: { version: number; percent: number; tolerance: number }) =>
    bodyOf(api.PUT("/api/v1/endpoints/{name}/shadow", { params: { path: { name } }, body })),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    begin.mutate({
      version: Number(form.get("version")),
      percent: Number(form.get("percent")),
      tolerance: Number(form.get("tolerance")),
    });
  };
  return (
    <details className="text-page">
      <summary>Send a version copies of calls</summary>
      <form className="form-row shares" onSubmit={submit} aria-label="Begin a shadow">
        <div className="field">
          <label htmlFor="shadow-version">Version</label>
          <select id="shadow-version" name="version">
            {versions.map(({ version }) => (
              <option key={version}>{version}</option>
            ))}
          </select>
        </div>
        <Field
          label="Copies of, %"
          name="percent"
          type="number"
          min={1}
          max={100}
          step="any"
          required
          defaultValue={20}
        />
        <Field
          label="Tolerance"
          name="tolerance"
          type="number"
          min={0}
          max={1}
          step="any"
          required
          defaultValue={0.001}
        />
        <button type="submit" className="button" disabled={begin.isPending}>
          Begin
        </button>
      </form>
      {begin.error && <ProblemNotice error={begin.error} />}
    </details>
  );
}
