import type { ReactNode } from "react";
import type { Session } from "../../api/types.ts";
import { Time } from "../../ui/time.tsx";

const REASONS: Record<string, string> = { credits_exhausted: "the team's credit is used up" };
const NEXT = { queued: "Then it goes on elsewhere.", paused: "Then it is paused.", end: "Then it ends." };

/** What happens to a session that is neither running nor over. */
export function WhatNext({ session }: { session: Session }) {
  const text = textOf(session);
  return text && <div className="notice">{text}</div>;
}

function textOf(session: Session): ReactNode {
  const reason = session.stop_reason && (REASONS[session.stop_reason] ?? session.stop_reason);
  const why = reason ? ` (${reason})` : "";
  if (session.state === "stopping")
    return (
      <p>
        It is stopping{why}: it was asked for a checkpoint and has {session.grace_ms / 1000} s for it.{" "}
        {NEXT[session.after_stop ?? "end"]}
      </p>
    );
  if (session.state === "paused")
    return (
      <p>
        It is paused{why}. It holds no device and pays nothing, and goes on from{" "}
        {session.checkpoint ? <code>{session.checkpoint}</code> : "the beginning"} when it is resumed.
      </p>
    );
  if (session.state !== "retrying" || !session.retry_at) return null;
  return (
    <p>
      An attempt failed. It is tried again <Time at={session.retry_at} />
      {session.retries > 0 && `; ${session.retries_used} of ${session.retries} retries are used`}.
    </p>
  );
}
