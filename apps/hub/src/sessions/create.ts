import { type createSessionSchema, DomainError } from "@podium/shared";
import type { z } from "zod";
import { holdTree, resolveMount } from "../data/index.ts";
import { type Context, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { enqueueSession, type SessionSpec } from "./enqueue.ts";
import { findEnvironment } from "./environment.ts";
import type { SessionRow } from "./store.ts";

export type CreateSession = z.infer<typeof createSessionSchema>;

/** A user's training session: checked for what the team may read, then queued. @throws DomainError `no_node_fits` and those of `specOf` */
export async function createSession(ctx: Context, tx: Tx, input: CreateSession): Promise<SessionRow> {
  return enqueueSession(ctx, tx, await specOf(ctx, tx, input));
}

/** What a request for a training session comes to: its datasets resolved to versions. @throws DomainError `not_found`, `forbidden` */
export async function specOf(ctx: Context, tx: Tx, input: CreateSession): Promise<SessionSpec> {
  const team = resolveTeam(ctx, input.team);
  if (!(await holdTree(tx, input.code_tree, [team.id]))) {
    throw new DomainError(
      "not_found",
      `Your team has no tree ${input.code_tree}. Push the code first (podium run does).`,
    );
  }
  const datasets = [];
  for (const reference of input.datasets) datasets.push(await resolveMount(ctx, tx, reference, team));
  const names = datasets.map((dataset) => dataset.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    throw new DomainError(
      "invalid_request",
      `Two datasets are called "${twice}": they would be mounted at the same place. Mount one of them, or push the other under a name of its own.`,
    );

  const { code_tree: codeTree, image, resources } = input;
  return {
    ...(await findEnvironment(ctx, tx, { codeTree, image, resources, nodes: input.nodes })),
    team: { id: team.id, slug: team.slug },
    kind: "train",
    codeTree,
    entrypoint: input.entrypoint,
    args: input.args,
    memo: input.memo,
    datasets,
    resources,
    nodes: input.nodes,
    timeoutMs: input.timeout_ms,
    priority: input.priority,
    graceMs: input.grace_ms,
    retries: input.retries,
    preemptible: input.preemptible,
  };
}
