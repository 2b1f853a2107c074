import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { CliError } from "./errors.ts";
import { LastPush } from "./last-push.ts";
import { type NewTree, PushNames } from "./push-names.ts";
import { PushProgress } from "./push-progress.ts";
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
 * what the hub lacks while it goes on naming, and makes the tree, if it can from the one that was pushed last. May be
 * interrupted at any moment and run again: only what is still missing is sent then. Throws a `CliError` naming a file
 * that changes meanwhile.
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
  const progress = new PushProgress(cli, path, files);
  const uploader = new Uploader({ api, team, onSent: (bytes) => progress.sent(bytes), onWait });
  const names = new PushNames(files, LastPush.open(cli.env.cacheFolder, path, Date.now()));
  const pushing = { files, names, uploader, progress };

  const post = async (tree: NewTree) => {
    const answer = patiently(() => ok(api.POST("/api/v1/trees", { body: { ...owner, ...tree } })), onWait);
    // What will be remembered is made ready while the hub works.
    const prepared = new Promise((resolve) => setImmediate(resolve)).then(() => names.prepareMemory());
    const [{ id }, remember] = await Promise.all([answer, prepared]);
    return { id, remember };
  };
  const makeTree = async () => {
    await nameFiles(pushing, { ask: false });
    const difference = names.difference();
    // A hub that has the last tree no more, or has it from another team, is told all.
    return difference
      ? orWhen(
          "not_found",
          () => post(difference),
          () => post(names.whole()),
        )
      : post(names.whole());
  };
  // The hub checks every file of a tree anyway: what it took before is asked about only when it refuses.
  const { id, remember } = await orWhen("invalid_request", makeTree, async () => {
    uploader.doubt();
    await nameFiles(pushing, { ask: true });
    return post(names.whole());
  });
  remember(id);
  cli.out.progress("");
  return { tree_id: id, files: files.length, size_bytes: names.size(), sent_bytes: uploader.sentBytes };
}

/** Does something else when the hub refuses with this code. */
async function orWhen<T>(code: string, work: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  return work().catch((error) => {
    if (error instanceof CliError && error.code === code) return otherwise();
    throw error;
  });
}

interface Pushing {
  files: readonly LocalFile[];
  names: PushNames;
  uploader: Uploader;
  progress: PushProgress;
}

/**
 * Reads and names the files that are not as they were. When it returns the hub has them all; and of the others, if it
 * was asked, those that it had lost.
 */
async function nameFiles({ files, names, uploader, progress }: Pushing, options: { ask: boolean }) {
  const lost = options.ask
    ? await uploader.missing([...new Set(files.flatMap((_, index) => names.remembered(index) ?? []))])
    : new Set<string>();
  progress.begin();
  const large: { file: LocalFile; name: NamedFile }[] = [];
  for (const [index, file] of files.entries()) {
    if (!names.isRemembered(index) || (lost.size > 0 && lost.has(names.remembered(index) ?? ""))) {
      const name = await readLocal(file, uploader);
      names.set(index, name);
      if (name.chunks) large.push({ file, name });
    }
    progress.named(file.size);
  }
  await uploader.finish();
  await composeLarge(large, uploader);
}

/** Names the large files that the hub does not know yet. Chunks that it has lost since they were sent are sent again. */
async function composeLarge(large: readonly { file: LocalFile; name: NamedFile }[], uploader: Uploader) {
  const unnamed = await uploader.missing([...new Set(large.map(({ name }) => name.sha256))]);
  for (const { file, name } of large) {
    if (!unnamed.delete(name.sha256)) continue;
    await orWhen(
      "invalid_request",
      () => uploader.compose(name),
      async () => {
        uploader.doubt();
        const again = await readLocal(file, uploader);
        if (again.sha256 !== name.sha256)
          throw new CliError(`${file.path} changed while it was being pushed. Push again when it is done.`);
        await uploader.finish();
        await uploader.compose(name);
      },
    );
  }
}
