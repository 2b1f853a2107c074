import type { RunnerMessage } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/secrets.ts";
import { cacheDigest, replaceCaches } from "./store.ts";

type Heartbeat = Extract<RunnerMessage, { type: "heartbeat" }>;
type Said = Pick<Heartbeat, "cached_trees" | "cached_environments" | "cached_images">;

/**
 * Writes down what a node's caches hold, when that has changed since it last was: every heartbeat says it, few bring
 * news. @returns true when it was news
 */
export async function noteCaches(ctx: Context, nodeId: string, said: Said): Promise<boolean> {
  const trees = [...said.cached_trees].sort();
  const environments = said.cached_environments
    .map(({ key, build_seconds }) => ({ key, buildSeconds: build_seconds }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const images = said.cached_images
    .map(({ reference, size_bytes }) => ({ reference, sizeBytes: size_bytes }))
    .sort((a, b) => (a.reference < b.reference ? -1 : 1));
  const digest = sha256(JSON.stringify([trees, environments, images]));
  if ((await cacheDigest(ctx.db, nodeId)) === digest) return false;
  await ctx.db.transaction((tx) => replaceCaches(tx, nodeId, digest, { trees, environments, images }));
  return true;
}
