import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLive } from "../../api/live.ts";
import type { Me, Session } from "../../api/types.ts";
import { Link } from "../../router/router.tsx";
import { LiveMark } from "../../ui/live-mark.tsx";
import { Facts, Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Lasted, Time } from "../../ui/time.tsx";
import { Checkpoints } from "../tracking/checkpoints.tsx";
import { Logs } from "../tracking/logs.tsx";
import { Metrics } from "../tracking/metrics.tsx";
import { Alerts } from "./alerts.tsx";
import { Attempts } from "./attempts.tsx";
import { needs } from "./needs.ts";
import { sessionReactions, useSession } from "./queries.ts";
import { SessionActions } from "./session-actions.tsx";
import { SessionGpus } from "./session-gpus.tsx";
import { WhatNext } from "./what-next.tsx";
import { WhyQueued } from "./why-queued.tsx";

const ENDED: readonly string[] = ["succeeded", "failed", "stopped"];

/** One session as it happens: state, why it waits, what it needs, metrics, log, checkpoints. */
export function SessionPage({ me, id }: { me: Me; id: string }) {
  const session = useSession(id);
  return (
    <PageOf answer={session} what="the session" title="Session" up={{ to: "/sessions", text: "Sessions" }}>
      {(found) => <SessionView me={me} session={found} />}
    </PageOf>
  );
}

function SessionView({ me, session }: { me: Me; session: Session }) {
  const { id } = session;
  const client = useQueryClient();
  const ended = ENDED.includes(session.state);
  const live = useLive(
    ended ? null : `/api/v1/sessions/${encodeURIComponent(id)}/stream`,
    sessionReactions(client, id),
  );
  const mine = me.role === "admin" || me.teams.some((team) => team.slug === session.team);

  return (
    <Page
      title={session.name}
      up={{ to: "/sessions", text: "Sessions" }}
      lead={
        <span className="dotted">
          <span>
            <StatePill state={session.state} />
          </span>
          <span>{session.kind}</span>
          {session.node && <span>on {nodesOf(session)}</span>}
          {session.started_at && (
            <span>
              {ended ? "ran" : "running for"} <Lasted start={session.started_at} end={session.ended_at} />
            </span>
          )}
        </span>
      }
      side={
        <>
          {!ended && <LiveMark state={live} />}
          {mine && <SessionActions session={session} ended={ended} />}
        </>
      }
    >
      <WhatNext session={session} />
      {session.failure && <Failure failure={session.failure} />}
      {!ended && <Alerts id={id} />}
      {session.state === "queued" && <WhyQueued id={id} />}
      <Section title="What runs">
        {session.memo && <p className="prose plain-text">{session.memo}</p>}
        <pre className="command">{[session.entrypoint, ...session.args].map(quoted).join(" ")}</pre>
        <Facts
          facts={[
            ["Needs", needs(session.resources)],
            ...membersOf(session),
            ["Team", session.team],
            ["Made", <Time key="made" at={session.created_at} />],
            ["Started", session.started_at ? <Time key="started" at={session.started_at} /> : "not yet"],
            ["Ended", session.ended_at ? <Time key="ended" at={session.ended_at} /> : "not yet"],
            ["Attempt", session.attempt === 0 ? "not placed yet" : String(session.attempt)],
            ...originOf(session),
            [
              "Code",
              <code key="code" title={session.code_tree}>
                {session.code_tree.slice(0, 12)}
              </code>,
            ],
            ["Id", <code key="id">{id}</code>, "wide"],
          ]}
        />
      </Section>
      <WhatItDoes session={session} waiting={!ended} />
    </Page>
  );
}

function nodesOf({ node, members }: Session): string | null {
  return members.length > 1 ? [...new Set(members.map((member) => member.node))].join(", ") : node;
}

/** Of a gang: where each member is, and how it does. */
function membersOf({ nodes, members }: Session): [string, ReactNode][] {
  if (nodes === 1) return [];
  const placed = members.map(({ rank, node, state }) => `[${rank}] ${node}: ${state}`).join(", ");
  return [["Members", `${nodes}, each with this${placed === "" ? "" : `; ${placed}`}`]];
}

/** What came of it so far: figures, log, what it saved, and where it ran. */
function WhatItDoes({ session, waiting }: { session: Session; waiting: boolean }) {
  const { id, kind, attempt, resources, summary } = session;
  const trains = kind === "train";
  return (
    <>
      {resources.gpus > 0 && attempt > 0 && <SessionGpus session={session} waiting={waiting} />}
      {trains && <Metrics id={id} summary={summary} waiting={waiting} />}
      <Logs id={id} waiting={waiting} isGang={session.nodes > 1} />
      {trains && <Checkpoints id={id} waiting={waiting} />}
      {attempt > 0 && <Attempts id={id} waiting={waiting} isGang={session.nodes > 1} />}
    </>
  );
}

/** Where a fork comes from, and what it began from. */
function originOf({ forked_from: from, checkpoint }: Session) {
  const facts: [string, ReactNode][] = [];
  if (from)
    facts.push([
      "Forked from",
      <Link key="from" to={`/sessions/${from.session_id}`}>
        {from.name}
      </Link>,
    ]);
  if (checkpoint) facts.push(["Begins from", <code key="checkpoint">{checkpoint}</code>]);
  return facts;
}

function Failure({ failure }: { failure: NonNullable<Session["failure"]> }) {
  return (
    <div className="notice notice-bad">
      <p className="notice-text">{failure.message}</p>
      {failure.hint && <p>{failure.hint}</p>}
      <p className="notice-foot">
        <code>{failure.code}</code>
        {failure.location && (
          <span>
            at <code>{failure.location}</code>
          </span>
        )}
      </p>
    </div>
  );
}

const quoted = (arg: string) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`);
