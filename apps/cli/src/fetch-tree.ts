import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { treeSchema } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { type Api, ok } from "./client.ts";
import { CliError, refusal } from "./errors.ts";
import { inParallel } from "./parallel.ts";
import { formatBytes } from "./quantities.ts";
import { sendWithRetries } from "./retry.ts";

const DOWNLOADS_AT_ONCE = 4;

/** Bytes of one file of a tree, checked against its hash. */
export async function readTreeFile(api: Api, treeId: string, sha256: string): Promise<Uint8Array> {
  const response = await sendWithRetries(() => api.request(`/api/v1/trees/${treeId}/blobs/${sha256}`, {}));
  if (!response.ok) throw refusal(await response.json().catch(() => null), response);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (new Bun.CryptoHasher("sha256").update(bytes).digest("hex") !== sha256) {
    throw new CliError("A file arrived damaged (its hash differs). Try again.");
  }
  return bytes;
}

/**
 * Writes a tree's files into a folder that is new or empty (or, when forced, over what is there).
 * Answers how much was written; throws a `CliError` before anything is written when the folder has files.
 */
export async function pullTree(
  cli: Cli,
  treeId: string,
  path: string,
  options: { force: boolean },
): Promise<{ path: string; files: number; size_bytes: number }> {
  const folder = resolve(path);
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new CliError(`${path} is a file. Name a folder.`);
  if (existsSync(folder) && readdirSync(folder).length > 0 && !options.force) {
    throw new CliError(`${path} is not empty. Name a new folder, or write over it with --force.`);
  }
  const api = cli.api();
  // Parsed, not trusted: a path such as ../x must not be written whoever sent it.
  const tree = treeSchema.parse(
    await ok(api.GET("/api/v1/trees/{id}", { params: { path: { id: treeId } } })),
  );
  let written = 0;
  await inParallel(tree.entries, DOWNLOADS_AT_ONCE, async (entry) => {
    const target = join(folder, entry.path);
    mkdirSync(dirname(target), { recursive: true });
    await Bun.write(`${target}.podium-part`, await readTreeFile(api, tree.id, entry.sha256));
    chmodSync(`${target}.podium-part`, entry.mode);
    renameSync(`${target}.podium-part`, target);
    written += entry.size;
    cli.out.progress(`Pulling: ${formatBytes(written)} of ${formatBytes(tree.size)}`);
  });
  cli.out.progress("");
  return { path: folder, files: tree.entries.length, size_bytes: tree.size };
}
