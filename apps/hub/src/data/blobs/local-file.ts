import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { BlobNamer } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { randomName } from "../../platform/secrets.ts";
import { type OpenFile, openFile } from "./open.ts";

/** A file that was put together is kept this long after its last use, ms. */
const KEPT_MS = 24 * 3_600_000;

/**
 * A path on this machine's disk of a file's bytes, for a reader that needs one (DuckDB); null when the file is not
 * there. What is stored in chunks, or not on this disk, is put together once: written aside, then renamed, so a crash
 * leaves no half file under its name. The path is good for a day from now.
 */
export async function localFile(ctx: Context, sha256: string): Promise<string | null> {
  const stored = await ctx.blobs.localPath(sha256);
  if (stored) return stored;
  const file = await openFile(ctx, sha256);
  if (!file) return null;
  const path = join(ctx.settings.localFolder, sha256);
  const now = ctx.clock.now();
  const known = await stat(path).catch(() => null);
  // Who sweeps at this very moment may be faster: then it is made anew.
  if (known?.size === file.size && (await wasTouched(path, now))) return path;
  await mkdir(ctx.settings.localFolder, { recursive: true });
  const partial = `${path}.${randomName()}`;
  try {
    await copyChecked(file, sha256, partial);
    await utimes(partial, now, now);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return path;
}

const wasTouched = (path: string, now: Date) =>
  utimes(path, now, now).then(
    () => true,
    () => false,
  );

/** Writes the file's bytes and checks that they make its name: what reads them trusts them. */
async function copyChecked(file: OpenFile, sha256: string, path: string): Promise<void> {
  const namer = new BlobNamer(createHash);
  const target = await open(path, "wx");
  try {
    for await (const bytes of file.read(0, file.size)) {
      namer.update(bytes);
      await target.writeFile(bytes);
    }
  } finally {
    await target.close();
  }
  if (namer.finish().sha256 !== sha256) throw new Error(`Blob ${sha256} is damaged in the store.`);
}

/** Removes what was not used for a day, and what a crash left half written. @returns how many files */
export async function sweepLocalFiles(ctx: Context): Promise<number> {
  let removed = 0;
  const before = ctx.clock.now().getTime() - KEPT_MS;
  for (const name of await readdir(ctx.settings.localFolder).catch(() => [])) {
    const path = join(ctx.settings.localFolder, name);
    const found = await stat(path).catch(() => null);
    if (!found || found.mtimeMs >= before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
