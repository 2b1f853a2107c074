import {
  CHUNK_BYTES,
  environmentManifest,
  IMAGE_FILES,
  imageSchema,
  normalImage,
  nsmlImage,
  type Resources,
  type TreeEntry,
} from "@podium/shared";
import { openFile, treeEntries } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { sha256 } from "../platform/secrets.ts";
import { lacksWhenEmpty } from "./capable-nodes.ts";

const FIRST_BYTES = 1024;

/** What a session runs in. Sessions made from another one (submissions, replicas) run in the same. */
export interface SessionEnvironment {
  /** container image; null: what the node has */
  image: string | null;
  /** an image that the code asks for, but no node could run */
  droppedImage: string | null;
  /** key of what the code has installed; null: nothing */
  environment: string | null;
}

export const NO_ENVIRONMENT: SessionEnvironment = { image: null, droppedImage: null, environment: null };

/**
 * Finds out what new code runs in. An image that was asked for stands. One that only the code's `#nsml:` line names is
 * a wish: where no node could run it the session goes on without, so that old scripts run anywhere.
 */
export async function findEnvironment(
  ctx: Context,
  tx: Tx,
  input: { codeTree: string; image: string | undefined; resources: Resources; nodes?: number },
): Promise<SessionEnvironment> {
  const entries = await Array.fromAsync(treeEntries(tx, input.codeTree));
  const wish = input.image === undefined ? await wishedImage(ctx, tx, entries) : null;
  const isGranted = wish !== null && (await couldRun(tx, input, wish, ctx.clock.now()));
  const image = input.image ?? (isGranted ? wish : null);
  const named = image === null ? null : normalImage(image);
  const manifest = environmentManifest(named, entries);
  return {
    image: named,
    droppedImage: isGranted ? null : wish,
    environment: manifest === null ? null : sha256(manifest),
  };
}

/** The environment of a session, for another one that is made from its code. */
export function sameEnvironment({
  image,
  droppedImage,
  environment,
}: SessionEnvironment): SessionEnvironment {
  return { image, droppedImage, environment };
}

async function wishedImage(ctx: Context, tx: Tx, entries: readonly TreeEntry[]): Promise<string | null> {
  for (const path of IMAGE_FILES) {
    const entry = entries.find((each) => each.path === path);
    const file =
      entry && entry.size <= CHUNK_BYTES ? await openFile({ db: tx, blobs: ctx.blobs }, entry.sha256) : null;
    if (!file) continue;
    const parts = await Array.fromAsync(file.read(0, Math.min(file.size, FIRST_BYTES)));
    const image = nsmlImage(Buffer.concat(parts).toString());
    if (image) return image;
  }
  return null;
}

async function couldRun(
  tx: Tx,
  { resources, nodes: parts = 1 }: { resources: Resources; nodes?: number },
  image: string,
  now: Date,
): Promise<boolean> {
  if (!imageSchema.safeParse(image).success) return false;
  return (await lacksWhenEmpty(tx, { resources, image, parts }, now)).some(({ reason }) => reason === null);
}
