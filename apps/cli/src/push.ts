import { createReadStream } from "node:fs";
import type { TreeEntry } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { type Api, ok } from "./client.ts";
import { CliError, refusal } from "./errors.ts";
import { newIdempotencyKey } from "./ids.ts";
import { inParallel } from "./parallel.ts";
import { formatBytes } from "./quantities.ts";
import { sendWithRetries } from "./retry.ts";
import { type LocalFile, scan } from "./scan.ts";

const UPLOADS_AT_ONCE = 4;
const ASKED_AT_ONCE = 10_000;

export interface Pushed {
  tree_id: string;
  files: number;
  size_bytes: number;
  /** Bytes that the hub did not have yet. */
  sent_bytes: number;
}

/**
 * Pushes a folder (or one file) as a tree of the team: hashes every file, sends the ones that the hub lacks, four at
 * a time, and makes the tree. Pushing what is already there sends nothing.
 */
export async function push(
  cli: Cli,
  path: string,
  team: string | undefined,
  files = scan(path),
): Promise<Pushed> {
  if (files.length === 0)
    throw new CliError(`There is nothing to push in ${path}: it has no files, or all are ignored.`);
  const api = cli.api();
  const entries = await hashAll(cli, files);
  const sourceOf = new Map(
    entries.map((entry, index) => [entry.sha256, { entry, file: files[index] as LocalFile }]),
  );
  const owner = team === undefined ? {} : { team };

  const missing = await askMissing(api, [...sourceOf.keys()], owner);
  const total = missing.reduce((sum, sha256) => sum + (sourceOf.get(sha256)?.entry.size ?? 0), 0);
  let sent = 0;
  await inParallel(missing, UPLOADS_AT_ONCE, async (sha256) => {
    const found = sourceOf.get(sha256);
    if (!found) return;
    await upload(api, found.file, sha256, team);
    sent += found.entry.size;
    cli.out.progress(`Pushing ${path}: ${formatBytes(sent)} of ${formatBytes(total)}`);
  });
  const tree = await ok(api.POST("/api/v1/trees", { body: { ...owner, entries } }));
  cli.out.progress("");
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  return { tree_id: tree.id, files: entries.length, size_bytes: size, sent_bytes: total };
}

async function hashAll(cli: Cli, files: readonly LocalFile[]): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const { path, source, mode } of files) {
    cli.out.progress(`Reading ${path}`);
    entries.push({ path, mode, ...(await hashFile(source)) });
  }
  return entries;
}

/** SHA-256 and size of a file, read piece by piece. */
export async function hashFile(source: string): Promise<{ sha256: string; size: number }> {
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  try {
    for await (const piece of createReadStream(source, { highWaterMark: 1024 * 1024 })) {
      const bytes = piece as Buffer;
      hasher.update(bytes);
      size += bytes.byteLength;
    }
  } catch (error) {
    throw new CliError(`${source} can't be read: ${(error as Error).message}`);
  }
  return { sha256: hasher.digest("hex"), size };
}

async function askMissing(api: Api, hashes: readonly string[], owner: { team?: string }): Promise<string[]> {
  const missing: string[] = [];
  for (let at = 0; at < hashes.length; at += ASKED_AT_ONCE) {
    const body = { ...owner, sha256: hashes.slice(at, at + ASKED_AT_ONCE) };
    missing.push(...(await ok(api.POST("/api/v1/blobs/missing", { body }))).missing);
  }
  return missing;
}

async function upload(api: Api, file: LocalFile, sha256: string, team: string | undefined): Promise<void> {
  const query = team === undefined ? "" : `?team=${encodeURIComponent(team)}`;
  const headers = { "Content-Type": "application/octet-stream", "Idempotency-Key": newIdempotencyKey() };
  const send = () =>
    api.request(`/api/v1/blobs/${sha256}${query}`, { method: "PUT", headers, body: Bun.file(file.source) });
  const response = await sendWithRetries(send);
  if (response.ok) return;
  const error = refusal(await response.json().catch(() => null), response);
  if (error.code !== "hash_mismatch") throw error;
  throw new CliError(`${file.path} changed while it was being pushed. Push again.`);
}
