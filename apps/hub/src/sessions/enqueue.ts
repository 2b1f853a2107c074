import { DomainError, type Id, type Resources, type SessionKind } from "@podium/shared";
import { currentPrices } from "../credits/index.ts";
import { listNodes } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { refusalOf } from "../scheduling/index.ts";
import type { SessionMount } from "./schema.ts";
import { findSession, insertSession, nextNumber, type SessionRow } from "./store.ts";

export interface SessionSpec {
  team: { id: Id<"team">; slug: string };
  kind: SessionKind;
  codeTree: string;
  entrypoint: string;
  args: string[];
  memo: string;
  datasets: SessionMount[];
  resources: Resources;
  timeoutMs: number;
  priority: number;
  /** Unique cause: asked for twice, the session is made once. */
  origin?: string;
  hidden?: { outputTeamId: string };
  checkpoint?: { name: string; tree_id: string };
  input?: { tree_id: string; id_field: string };
  serving?: { binding_id: string; max_batch: number };
}

/**
 * Puts a session into the queue, in the caller's transaction.
 * @throws DomainError `no_node_fits` when no known node could ever take it
 */
export async function enqueueSession(ctx: Context, tx: Tx, spec: SessionSpec): Promise<SessionRow> {
  const made = spec.origin ? await findSession(tx, { origin: spec.origin }) : null;
  if (made) return made;
  await refuseImpossible(tx, spec.resources);

  const dataset = spec.datasets[0]?.name ?? "None";
  const { team, hidden, ...rest } = spec;
  const session = await insertSession(tx, {
    ...rest,
    id: ctx.ids.next("session"),
    teamId: team.id,
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    name: `${team.slug}/${dataset}/${await nextNumber(tx, team.slug, dataset)}`,
    state: "queued",
    hidden: hidden !== undefined,
    outputTeamId: hidden?.outputTeamId ?? null,
    prices: await currentPrices(tx),
    createdAt: ctx.clock.now(),
  });
  await emit(ctx, tx, { type: "session.queued", session_id: session.id as Id<"session">, team_id: team.id });
  return session;
}

/** A hub without nodes accepts anything: the first node may still come. */
async function refuseImpossible(tx: Tx, resources: Resources): Promise<void> {
  const known = (await listNodes(tx)).flatMap(({ node }) =>
    node.capacity ? [{ node, capacity: node.capacity }] : [],
  );
  if (known.length === 0) return;
  const reasons = known.map(({ node, capacity }) => {
    const empty = {
      id: node.id,
      name: node.name,
      freeCpuMilli: capacity.cpu_milli,
      freeMemoryBytes: capacity.memory_bytes,
      freeDevices: capacity.devices.map((device) => ({ id: device.uuid, model: device.model })),
      cached: new Set<string>(),
      bandwidth: 1,
    };
    return { node: node.name, reason: refusalOf(empty, resources) };
  });
  if (reasons.some(({ reason }) => reason === null)) return;
  const shown = reasons.slice(0, 5).map(({ node, reason }) => `${node} would have ${reason} when empty`);
  throw new DomainError(
    "no_node_fits",
    `No node of this hub could ever run this: ${shown.join("; ")}. Ask for less.`,
    { nodes: reasons },
  );
}
