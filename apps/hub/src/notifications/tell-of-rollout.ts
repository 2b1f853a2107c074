import type { EventOf } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { findRollout } from "../serving/index.ts";
import { tell } from "./notify.ts";

const ENDS = {
  promoted: "was promoted",
  rolled_back: "was rolled back",
  aborted: "was ended before its time",
} as const;

/** Tells an endpoint's team how a canary ended, with what it was judged by, once. */
export async function tellOfRollout(ctx: Context, event: EventOf<"rollout.ended">): Promise<void> {
  const found = await findRollout(ctx.db, event.rollout_id);
  if (!found) return;
  const { rollout, version, endpoint } = found;
  if (rollout.state === "running" || rollout.state === "paused") return;
  const why = rollout.log.at(-1)?.text ?? "";
  const text = `Version ${version} of endpoint "${endpoint}" ${ENDS[rollout.state]}. ${why}`;
  await ctx.db.transaction((tx) =>
    tell(ctx, tx, { kind: "rollout.ended", subject: rollout.id, teamId: event.team_id, text }),
  );
}
