import { DomainError, type Id, type Lineage, type Resources, type SessionKind } from "@podium/shared";
import { currentPrices } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import type { Needs } from "../scheduling/index.ts";
import { knownModels, lacksWhenEmpty, partsWhenEmpty, WORTH_WAITING_DAYS } from "./capable-nodes.ts";
import type { SessionEnvironment } from "./environment.ts";
import { nsmlFlags } from "./nsml-flags.ts";
import type { Serving, SessionInput, SessionMount } from "./schema.ts";
import { findSession, insertSession, nextNumber, type SessionRow } from "./store.ts";

export interface SessionSpec extends SessionEnvironment {
  team: { id: Id<"team">; slug: string };
  kind: SessionKind;
  codeTree: string;
  entrypoint: string;
  args: string[];
  memo: string;
  datasets: SessionMount[];
  resources: Resources;
  /** members of a gang; default: 1 */
  nodes?: number;
  timeoutMs: number;
  priority: number;
  /** place in the line of those that have one; default: none */
  turn?: number;
  graceMs?: number;
  retries?: number;
  /** default: false */
  preemptible?: boolean;
  forkedFrom?: Lineage;
  /** Unique cause: asked for twice, the session is made once. */
  origin?: string;
  hidden?: { outputTeamId: string };
  checkpoint?: { name: string; tree_id: string };
  input?: SessionInput;
  serving?: Serving;
}

/**
 * Puts a session into the queue, in the caller's transaction.
 * @throws DomainError `no_node_fits` when no known node could ever take it, or all together not all of a gang
 */
export async function enqueueSession(ctx: Context, tx: Tx, spec: SessionSpec): Promise<SessionRow> {
  const made = spec.origin ? await findSession(tx, { origin: spec.origin }) : null;
  if (made) return made;
  if ((spec.nodes ?? 1) > 1 && spec.kind !== "train")
    throw new DomainError(
      "invalid_request",
      `Only training runs on several nodes; this one's kind is ${spec.kind}.`,
    );
  await refuseImpossible(tx, spec, ctx.clock.now());

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
    nsmlFlags: spec.kind === "train" ? await nsmlFlags(ctx, tx, spec.codeTree, spec.entrypoint) : [],
    prices: await currentPrices(tx),
    createdAt: ctx.clock.now(),
  });
  await emit(ctx, tx, { type: "session.queued", session_id: session.id as Id<"session">, team_id: team.id });
  return session;
}

/** How many nodes the message names, those that come closest, and how many its details list. */
const NAMED = 5;
const MOST_LISTED = 100;

/** A hub without nodes accepts anything: the first node may still come. */
async function refuseImpossible(
  tx: Tx,
  { resources, image, nodes: parts = 1 }: SessionSpec,
  now: Date,
): Promise<void> {
  const needs = { resources, image, parts };
  const known = await lacksWhenEmpty(tx, needs, now);
  if (known.length === 0) return;
  if (known.some(({ reason }) => reason === null)) return refuseTooMany(tx, needs, now);
  const shown = known.slice(0, NAMED).map(({ node, reason }) => `${node}: ${reason}`);
  if (known.length > NAMED) shown.push(`${known.length - NAMED} others lack more`);
  const what = advice(known.map(({ reason }) => reason)) + (await modelsHere(tx, resources.gpu_model, now));
  throw new DomainError(
    "no_node_fits",
    `No node of this hub could ever run this, even with nothing else on it. ${shown.join("; ")}. ${what} (Nodes that drain or have been away for less than ${WORTH_WAITING_DAYS} days count as if they were here.)`,
    { nodes: known.slice(0, MOST_LISTED) },
  );
}

/** Each member of the gang fits somewhere; but all of them at a time? */
async function refuseTooMany(tx: Tx, needs: Needs & { parts: number }, now: Date): Promise<void> {
  if (needs.parts === 1) return;
  const held = await partsWhenEmpty(tx, needs, now);
  if (held === needs.parts) return;
  throw new DomainError(
    "no_node_fits",
    `The nodes of this hub could never run all ${needs.parts} members of this at once: empty, they would have room for ${held}. Ask for fewer nodes, or for less on each.`,
  );
}

/** Who names a model that there is not sees what there is. */
async function modelsHere(tx: Tx, wanted: string | null, now: Date): Promise<string> {
  if (wanted === null) return "";
  const models = await knownModels(tx, now);
  return models.length === 0 ? " No node has a GPU." : ` GPUs here: ${models.join(", ")}.`;
}

function advice(reasons: readonly (string | null)[]): string {
  const allLackDocker = reasons.every((reason) => reason?.startsWith("no Docker"));
  return allLackDocker ? "Run it without an image, or ask for a node with Docker." : "Ask for less.";
}
