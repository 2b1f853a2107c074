import { useState } from "react";
import { api, bodyOf } from "../../../api/client.ts";
import type { Endpoint, Rollout } from "../../../api/types.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { Facts, Section } from "../../../ui/page.tsx";
import { StatePill } from "../../../ui/pill.tsx";
import { ProblemNotice } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { useEndpointWrite, useNewestRollout } from "../queries.ts";
import { BeginCanary } from "./begin-canary.tsx";
import { isUnderWay, ruleOf, standOf } from "./state.ts";

/** The canary of an endpoint: where it stands and why, and what may be done with it; or the way to begin one. */
export function Canary({ endpoint }: { endpoint: Endpoint }) {
  const rollout = useNewestRollout(endpoint.name).data ?? null;
  const hasPeers = endpoint.bindings.length > 1;
  if (rollout === null && !hasPeers) return null;
  const isLive = rollout !== null && isUnderWay(rollout);
  return (
    <Section title="Canary" side={rollout && <StatePill state={rollout.state.replace("_", " ")} />}>
      {rollout && <Stand rollout={rollout} isLive={isLive} />}
      {isLive ? <Steering name={endpoint.name} rollout={rollout} /> : <BeginCanary endpoint={endpoint} />}
    </Section>
  );
}

function Stand({ rollout, isLive }: { rollout: Rollout; isLive: boolean }) {
  const { version, steps, step, step_since, waits_for, ended_at, log } = rollout;
  return (
    <>
      <Facts
        facts={[
          ["Version", String(version)],
          ["Stands at", standOf(rollout), "wide"],
          ended_at
            ? ["Ended", <Time key="ended" at={ended_at} />]
            : ["Step since", <Time key="since" at={step_since} />],
          ...(isLive ? [["Waits for", waits_for ?? "nothing: it is judged now", "wide"] as const] : []),
        ]}
      />
      <ol className="steps" aria-label="Steps">
        {steps.map((percent, index) => {
          const stand = index < step ? "closed" : index === step ? "open" : "upcoming";
          const said = stand === "closed" ? "passed" : stand === "open" ? "reached" : "to come";
          return <li key={percent} className={`step step-${stand}`} aria-label={`${percent} %, ${said}`} />;
        })}
      </ol>
      <p className="quiet">It goes on as long as {ruleOf(rollout)}</p>
      <details className="text-page" open={isLive}>
        <summary>What it did and why</summary>
        <ol className="deeds">
          {log.toReversed().map(({ at, text }) => (
            <li key={`${at} ${text}`}>
              <p>{text}</p>
              <p className="quiet">
                <Time at={at} />
              </p>
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

type Wish = "pause" | "resume" | "promote" | "abort";

const ASKED = {
  promote: {
    title: "Promote the canary?",
    text: "It gets all calls now, whatever its rule still waits for.",
  },
  abort: { title: "End the canary?", text: "Calls go back to the versions that had them before it." },
} as const;

function Steering({ name, rollout }: { name: string; rollout: Rollout }) {
  const [asked, setAsked] = useState<keyof typeof ASKED | null>(null);
  const steer = useEndpointWrite(name, (wish: Wish) =>
    bodyOf(api.POST(`/api/v1/endpoints/{name}/rollouts/${wish}`, { params: { path: { name } } })),
  );
  const ask = (wish: keyof typeof ASKED) => {
    steer.reset();
    setAsked(wish);
  };
  const hold = rollout.state === "paused" ? "resume" : "pause";
  return (
    <>
      {steer.error && asked === null && <ProblemNotice error={steer.error} />}
      <p className="buttons">
        <button type="button" className="button primary" onClick={() => ask("promote")}>
          Promote
        </button>
        <button
          type="button"
          className="button"
          disabled={steer.isPending}
          onClick={() => steer.mutate(hold)}
        >
          {hold === "resume" ? "Resume" : "Pause"}
        </button>
        <button type="button" className="button" onClick={() => ask("abort")}>
          End and take back
        </button>
      </p>
      {asked && (
        <Confirm
          title={ASKED[asked].title}
          confirm={asked === "promote" ? "Promote it" : "End it"}
          busy={steer.isPending}
          error={steer.error}
          onConfirm={() => steer.mutate(asked, { onSuccess: () => setAsked(null) })}
          onCancel={() => setAsked(null)}
        >
          <p>{ASKED[asked].text}</p>
        </Confirm>
      )}
    </>
  );
}
