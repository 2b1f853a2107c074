import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { CliError } from "./errors.ts";

/** What a session saved. */
export async function checkpointsOf(cli: Cli, id: string) {
  const { items } = await ok(
    cli.api().GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id } } }),
  );
  return items;
}

/** The files of a session's checkpoint; a `CliError` names those that there are. */
export async function checkpointTree(cli: Cli, id: string, name: string): Promise<string> {
  const items = await checkpointsOf(cli, id);
  const checkpoint = items.find((item) => item.name === name);
  if (checkpoint) return checkpoint.tree_id;
  const names = items.map((item) => item.name).join(", ");
  throw new CliError(`The session has no checkpoint "${name}". It has: ${names || "none"}.`);
}
