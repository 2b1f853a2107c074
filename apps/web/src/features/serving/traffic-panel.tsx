import { type FormEvent, useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Endpoint, TrafficChange } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Field } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { isUnderWay } from "./canary/state.ts";
import { useEndpointWrite, useNewestRollout, useTrafficChanges } from "./queries.ts";
import { mayTakeTraffic, sharesText, sharesTyped } from "./traffic.ts";
import { Traffic } from "./traffic-bar.tsx";

/** How an endpoint's traffic is shared, was shared, and the way to change it. */
export function TrafficPanel({ endpoint }: { endpoint: Endpoint }) {
  const changes = useTrafficChanges(endpoint.name).data?.items ?? [];
  const rollout = useNewestRollout(endpoint.name).data ?? null;
  const isMoved = rollout !== null && isUnderWay(rollout);
  return (
    <Section
      title="Traffic"
      side={<RollBack name={endpoint.name} last={changes[0] ?? null} endsCanary={isMoved} />}
    >
      <Traffic bindings={endpoint.bindings} />
      {isMoved ? (
        <p className="quiet">
          A canary of version {rollout.version} sets the shares: promote or end it to set them by hand.
        </p>
      ) : (
        <SharesForm endpoint={endpoint} />
      )}
      {changes.length > 0 && (
        <details className="text-page">
          <summary>How it was shared</summary>
          <ol className="deeds">
            {changes.map((change) => (
              <Change key={change.id} change={change} />
            ))}
          </ol>
        </details>
      )}
    </Section>
  );
}

function SharesForm({ endpoint }: { endpoint: Endpoint }) {
  const versions = endpoint.bindings.filter(mayTakeTraffic);
  /** what was typed and not sent yet; other versions have what they have */
  const [typed, setTyped] = useState<ReadonlyMap<number, string>>(new Map());
  const send = useEndpointWrite(endpoint.name, (shares: { version: number; percent: number }[]) =>
    bodyOf(
      api.PUT("/api/v1/endpoints/{name}/traffic", {
        params: { path: { name: endpoint.name } },
        body: { shares },
      }),
    ),
  );
  if (versions.length < 2) return null;
  const values = new Map(
    versions.map(({ version, percent }) => [version, typed.get(version) ?? String(percent)] as const),
  );
  const { shares, total } = sharesTyped(values);
  const isChanged = versions.some(({ version, percent }) => Number(values.get(version)) !== percent);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(shares, { onSuccess: () => setTyped((now) => (now === typed ? new Map() : now)) });
  };
  return (
    <form onSubmit={submit} aria-label="Shares of the traffic">
      <div className="form-row shares">
        {versions.map(({ version }) => (
          <Field
            key={version}
            label={`Version ${version}, %`}
            type="number"
            inputMode="decimal"
            min={0}
            max={100}
            step="any"
            required
            value={values.get(version) ?? ""}
            onChange={(event) => setTyped(new Map(typed).set(version, event.target.value))}
          />
        ))}
        <button
          type="submit"
          className="button primary"
          disabled={!isChanged || total !== 100 || send.isPending}
        >
          Set shares
        </button>
      </div>
      <p className="hint" role="status">
        {total === 100 ? "" : `These add up to ${total} %: they must make 100 %.`}
      </p>
      {send.error && <ProblemNotice error={send.error} />}
    </form>
  );
}

/** Goes back to the shares before the last change, after asking. */
function RollBack({
  name,
  last,
  endsCanary,
}: {
  name: string;
  last: TrafficChange | null;
  endsCanary: boolean;
}) {
  const [asking, setAsking] = useState(false);
  const rollBack = useEndpointWrite(name, () =>
    bodyOf(api.POST("/api/v1/endpoints/{name}/traffic/rollback", { params: { path: { name } } })),
  );
  if (!last || last.before.length === 0) return null;
  const open = () => {
    rollBack.reset();
    setAsking(true);
  };
  return (
    <>
      <button type="button" className="button small" onClick={open}>
        Roll back
      </button>
      {asking && (
        <Confirm
          title="Roll back the traffic?"
          confirm={rollBack.isPending ? "Rolling back…" : "Roll back"}
          busy={rollBack.isPending}
          error={rollBack.error}
          onConfirm={() => rollBack.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onCancel={() => setAsking(false)}
        >
          <p>
            {endsCanary
              ? "This ends the canary. Calls go to the versions that had them before it."
              : "Calls go to the versions that had them before the last change. No call fails by it."}
          </p>
        </Confirm>
      )}
    </>
  );
}

function Change({ change: { at, actor, cause, before, after, note } }: { change: TrafficChange }) {
  return (
    <li>
      <p>
        <strong>{sharesText(after)}</strong>
      </p>
      <p className="dotted quiet">
        <Time at={at} />
        <span>{cause}</span>
        <span>by {actor ?? "Podium"}</span>
        <span>before: {sharesText(before)}</span>
      </p>
      {note !== null && <p className="quiet">{note}</p>}
    </li>
  );
}
