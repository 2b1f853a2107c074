import { DomainError, type forkSessionSchema, type Resources, resourcesSchema } from "@podium/shared";
import type { z } from "zod";
import { holdTree, remount } from "../../data/index.ts";
import { type Context, type Membership, requireUser, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { enqueueSession } from "../enqueue.ts";
import { sameEnvironment } from "../environment.ts";
import type { NamedTree, SessionMount } from "../schema.ts";
import { visibleSession } from "../show.ts";
import type { SessionRow } from "../store.ts";

export type ForkSession = z.input<typeof forkSessionSchema>;

/** A session's checkpoint by its name, held until the transaction ends; a later domain keeps them. */
export type FindCheckpoint = (
  tx: Tx,
  session: { id: string; name: string },
  name: string,
) => Promise<{ name: string; treeId: string }>;

/**
 * Makes a new session of the code, arguments, data and a checkpoint of one that the actor may see. The data must (still)
 * be readable for the team that the new one belongs to.
 * @throws DomainError `not_found`, `forbidden`, `conflict` for another kind than training, `no_node_fits`
 */
export async function forkSession(
  ctx: Context,
  tx: Tx,
  id: string,
  input: ForkSession,
  findCheckpoint: FindCheckpoint,
): Promise<SessionRow> {
  const { session: source } = await visibleSession(ctx, id, tx);
  if (source.kind !== "train" || source.hidden)
    throw new DomainError("conflict", "Only training sessions can be forked.");
  const team = teamOf(ctx, source, input.team);
  const checkpoint = await checkpointOf(tx, source, input.checkpoint, findCheckpoint);
  if (!(await holdTree(tx, source.codeTree, null)))
    throw new DomainError("not_found", "The code of this session is gone.");
  return enqueueSession(ctx, tx, {
    ...sameEnvironment(source),
    team: { id: team.id, slug: team.slug },
    kind: "train",
    codeTree: source.codeTree,
    entrypoint: input.entrypoint ?? source.entrypoint,
    args: input.args ?? source.args,
    memo: input.memo ?? source.memo,
    datasets: await mountsFor(ctx, tx, source, team),
    resources: needsOf(source, input.resources),
    nodes: input.nodes ?? source.nodes,
    timeoutMs: input.timeout_ms ?? source.timeoutMs,
    priority: input.priority ?? source.priority,
    graceMs: input.grace_ms ?? source.graceMs,
    retries: input.retries ?? source.retries,
    preemptible: input.preemptible ?? source.preemptible,
    forkedFrom: {
      session_id: source.id as `ses_${string}`,
      name: source.name,
      checkpoint: checkpoint?.name ?? null,
    },
    ...(checkpoint === null ? {} : { checkpoint }),
  });
}

function needsOf(source: SessionRow, changed: ForkSession["resources"]): Resources {
  const parsed = resourcesSchema.safeParse({ ...source.resources, ...changed });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DomainError("invalid_request", `resources.${issue?.path.join(".")}: ${issue?.message}`);
}

/** The team of the session where the actor belongs to it; else their own. */
function teamOf(ctx: Context, source: SessionRow, slug: string | undefined): Membership {
  if (slug !== undefined) return resolveTeam(ctx, slug);
  const same = requireUser(ctx).teams.find((team) => team.id === source.teamId);
  return same ?? resolveTeam(ctx, undefined);
}

async function checkpointOf(
  tx: Tx,
  source: SessionRow,
  name: string | null | undefined,
  findCheckpoint: FindCheckpoint,
): Promise<NamedTree | null> {
  if (name === null) return null;
  if (name !== undefined) {
    const found = await findCheckpoint(tx, source, name);
    return { name: found.name, tree_id: found.treeId };
  }
  const latest = source.latestCheckpoint ?? source.checkpoint;
  return latest !== null && (await holdTree(tx, latest.tree_id, null)) ? latest : null;
}

async function mountsFor(
  ctx: Context,
  tx: Tx,
  source: SessionRow,
  team: Membership,
): Promise<SessionMount[]> {
  const mounts: SessionMount[] = [];
  for (const mount of source.datasets) mounts.push(await remount(ctx, tx, mount, team));
  return mounts;
}
