import { join } from "node:path";
import type { TreeEntry } from "@podium/shared";
import { createTree, putBlob, treeEntries } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { sha256 } from "../../platform/secrets.ts";
import { dataEntry } from "../data-file.ts";

/** The file that runs an organizer's program; it lies among the program's own. */
export const DRIVER = ".podium-score.py";

/** Sends the driver's text as a file of the organizer's. To be done before `withDriver`, outside of transactions. */
export async function sendDriver(ctx: Context, teamId: string): Promise<TreeEntry> {
  const body = await Bun.file(join(import.meta.dir, "score_driver.py")).bytes();
  const name = sha256(body);
  await putBlob(ctx, { teamId, sha256: name, body });
  return { path: DRIVER, sha256: name, size: body.byteLength, mode: 0o644 };
}

/** The organizer's program and the driver as one tree. */
export async function withDriver(ctx: Context, tx: Tx, teamId: string, program: string, driver: TreeEntry) {
  const entries = [driver];
  for await (const entry of treeEntries(tx, program)) if (entry.path !== DRIVER) entries.push(entry);
  return createTree(ctx, tx, { teamId, entries });
}

/** A round's labels where NSML's programs look for them: `DATASET/test/test_label`. */
export async function nsmlLabels(ctx: Context, tx: Tx, teamId: string, labels: string) {
  const entry = await dataEntry(tx, labels);
  const entries = [{ ...entry, path: "test/test_label" }];
  return { ...(await createTree(ctx, tx, { teamId, entries })), file: "test/test_label" };
}
