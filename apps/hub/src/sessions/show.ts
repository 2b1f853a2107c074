import type { Id, Session } from "@podium/shared";
import { DomainError, resourcesSchema } from "@podium/shared";
import { type Context, requireUser, visibleTeams } from "../platform/context.ts";
import type { Db, Tx } from "../platform/database.ts";
import { placements } from "./end.ts";
import { findVisible, type SessionRow } from "./store.ts";

type Shown = NonNullable<Awaited<ReturnType<typeof findVisible>>>;

/** A session as the API shows it. */
export function showSession({ session, team, node, members, notice }: Shown): Session {
  return {
    id: session.id as Id<"session">,
    name: session.name,
    team,
    kind: session.kind,
    state: session.state,
    entrypoint: session.entrypoint,
    args: session.args,
    memo: session.memo,
    datasets: session.datasets.map((mount) => mount.name),
    // Sessions from before a limit was introduced get its default.
    resources: { ...resourcesSchema.parse({}), ...session.resources },
    code_tree: session.codeTree,
    image: session.image,
    dropped_image: session.droppedImage,
    environment: session.environment,
    checkpoint: session.checkpoint?.name ?? null,
    forked_from: session.forkedFrom,
    timeout_ms: session.timeoutMs,
    grace_ms: session.graceMs,
    preemptible: session.preemptible,
    retries: session.retries,
    retries_used: session.retriesUsed,
    retry_at: session.retryAt?.toISOString() ?? null,
    stop_reason: session.stopReason,
    after_stop: session.afterStop,
    node,
    nodes: session.nodes,
    members,
    attempt: placements(session),
    failure: session.failure,
    notice,
    summary: session.summary,
    progress: session.progress,
    created_at: session.createdAt.toISOString(),
    started_at: session.startedAt?.toISOString() ?? null,
    ended_at: session.endedAt?.toISOString() ?? null,
  };
}

/**
 * A session that the actor may see.
 * @param db  the transaction of whoever is in one: a second connection beside it may be the last that others wait for
 * @throws DomainError `not_found` for unknown and forbidden ones alike
 */
export async function visibleSession(ctx: Context, id: string, db: Db | Tx = ctx.db): Promise<Shown> {
  requireUser(ctx);
  const found = await findVisible(db, id, visibleTeams(ctx));
  if (!found) throw new DomainError("not_found", `There is no session ${id} that you may see.`);
  return found;
}

/** A session that the actor's team owns, to change it. @throws DomainError `not_found`, `forbidden` */
export async function ownSession(ctx: Context, id: string, db: Db | Tx = ctx.db): Promise<SessionRow> {
  const { session } = await visibleSession(ctx, id, db);
  const teams = visibleTeams(ctx);
  if (teams !== null && !teams.some((team) => team === session.teamId)) {
    throw new DomainError("forbidden", "This session belongs to another team.");
  }
  return session;
}
