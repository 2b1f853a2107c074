import type { TreeEntry } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { CliError } from "./errors.ts";
import { HashCache } from "./hash-cache.ts";
import { counted, formatBytes } from "./quantities.ts";
import { type NamedFile, readLocal } from "./read-local.ts";
import { patiently } from "./retry.ts";
import { type LocalFile, scan } from "./scan.ts";
import { Uploader } from "./uploader.ts";

export interface Pushed {
  tree_id: string;
  files: number;
  size_bytes: number;
  /** Bytes that the hub did not have yet. */
  sent_bytes: number;
}

/**
 * Pushes a folder (or one file) as a tree of the team: names every file that is not known from the last push, sends
 * what the hub lacks while it goes on naming, and makes the tree. May be interrupted at any moment and run again:
 * only what is still missing is sent then. Throws a `CliError` naming a file that changes meanwhile.
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
  const owner = team === undefined ? {} : { team };
  const onWait = (error: Error) => cli.out.progress(`Waiting for the hub: ${error.message}`);
  const progress = new Progress(cli, path, files);
  const uploader = new Uploader({ api, team, onSent: (bytes) => progress.sent(bytes), onWait });
  const cache = HashCache.open(cli.env.cacheFolder, path, Date.now());

  const makeTree = async (options: { ask: boolean }) => {
    const entries = await nameAll(files, cache, uploader, progress, options);
    const made = await patiently(
      () => ok(api.POST("/api/v1/trees", { body: { ...owner, entries } })),
      onWait,
    );
    return { entries, id: made.id };
  };
  // The hub checks every file of a tree anyway: what it took last time is asked about only when it refuses.
  const { entries, id } = await makeTree({ ask: false }).catch((error) => {
    if (!(error instanceof CliError) || error.code !== "invalid_request") throw error;
    return makeTree({ ask: true });
  });
  cache.save(
    files,
    entries.map((entry) => entry.sha256),
  );
  cli.out.progress("");
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  return { tree_id: id, files: files.length, size_bytes: size, sent_bytes: uploader.sentBytes };
}

/**
 * The entries of all files, in their order. When it returns the hub has all of them, save, unless it was asked,
 * remembered ones that it has lost.
 */
async function nameAll(
  files: readonly LocalFile[],
  cache: HashCache,
  uploader: Uploader,
  progress: Progress,
  options: { ask: boolean },
): Promise<TreeEntry[]> {
  const remembered = files.map((file) => cache.find(file));
  const missing = options.ask
    ? await uploader.missing([...new Set(remembered.flatMap((name) => name ?? []))])
    : new Set<string>();
  progress.begin();
  const entries: TreeEntry[] = [];
  const large: NamedFile[] = [];
  for (const [index, file] of files.entries()) {
    const { path, mode, size } = file;
    const known = remembered[index];
    if (known !== undefined && !missing.has(known)) entries.push({ path, mode, sha256: known, size });
    else {
      const named = await readLocal(file, uploader);
      entries.push({ path, mode, sha256: named.sha256, size: named.size });
      if (named.chunks) large.push(named);
    }
    progress.named(size);
  }
  await uploader.finish();
  const unnamed = await uploader.missing([...new Set(large.map(({ sha256 }) => sha256))]);
  for (const { sha256, size, chunks } of large) {
    if (chunks && unnamed.delete(sha256)) await uploader.compose({ sha256, size, chunks });
  }
  return entries;
}

/** One line for the terminal, not redrawn for every small file. */
class Progress {
  readonly #total: number;
  #named = 0;
  #files = 0;
  #sent = 0;
  #shownMs = 0;

  constructor(
    private readonly cli: Cli,
    private readonly path: string,
    private readonly files: readonly LocalFile[],
  ) {
    this.#total = files.reduce((sum, file) => sum + file.size, 0);
  }

  begin() {
    this.#named = 0;
    this.#files = 0;
  }

  named(bytes: number) {
    this.#named += bytes;
    this.#files += 1;
    this.#show();
  }

  sent(bytes: number) {
    this.#sent = bytes;
    this.#show();
  }

  #show() {
    const now = performance.now();
    if (now - this.#shownMs < 100) return;
    this.#shownMs = now;
    this.cli.out.progress(
      `Pushing ${this.path}: ${this.#files} of ${counted(this.files.length, "file")}, ${formatBytes(this.#named)} of ${formatBytes(this.#total)} read, ${formatBytes(this.#sent)} sent`,
    );
  }
}
