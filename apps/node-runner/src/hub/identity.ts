import { join } from "node:path";
import { DomainError } from "@podium/shared";
import { z } from "zod";
import { readIfThere, writeDurably } from "../data/files.ts";
import type { Env } from "../env.ts";
import type { Log } from "../log.ts";
import { untilAnswered } from "./attempt-source.ts";
import { HubClient } from "./client.ts";

const identitySchema = z.object({ hub_url: z.string(), node_id: z.string(), node_token: z.string() });
export type Identity = z.infer<typeof identitySchema>;

/**
 * Who this machine is to the hub. The first start exchanges the join token for a token of the node's own, which later
 * starts use. Waits for a hub that is not up yet; throws one readable line when it refuses.
 */
export async function identify(
  env: Env,
  random: () => number,
  signal: AbortSignal,
  log: Log,
): Promise<Identity> {
  const path = join(env.PODIUM_RUNNER_DATA, "node.json");
  const saved = parse(await readIfThere(path));
  if (saved && (saved.hub_url === env.HUB_URL || !env.PODIUM_JOIN_TOKEN)) return saved;
  const token = env.PODIUM_JOIN_TOKEN;
  if (!token) {
    throw new Error(
      "Bad configuration: PODIUM_JOIN_TOKEN is needed at the first start; the hub's administrator makes one.",
    );
  }
  log.info({ hub: env.HUB_URL, name: env.PODIUM_NODE_NAME }, "joining the hub");
  const client = new HubClient(env.HUB_URL, null);
  let waits = false;
  const onWait = ({ message }: Error) => {
    if (!waits)
      log.warn({ hub: env.HUB_URL, reason: message }, "the hub does not answer; trying until it does");
    waits = true;
  };
  try {
    const joined = await untilAnswered(
      () => client.join(token, env.PODIUM_NODE_NAME),
      random,
      signal,
      onWait,
    );
    const identity = { hub_url: env.HUB_URL, ...joined };
    await writeDurably(path, JSON.stringify(identity), 0o600);
    return identity;
  } catch (error) {
    if (error instanceof DomainError) throw new Error(`The hub did not let this node join: ${error.message}`);
    throw error;
  }
}

function parse(text: string | null): Identity | null {
  if (text === null) return null;
  try {
    return identitySchema.parse(JSON.parse(text));
  } catch {
    throw new Error("Bad configuration: node.json in the data folder is damaged; remove it and join again.");
  }
}
