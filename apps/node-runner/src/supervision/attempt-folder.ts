import { existsSync } from "node:fs";
import { chown, lchown, mkdir, open, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeFolder } from "../data/remove.ts";
import type { Owner } from "../executors/executor.ts";

/** The kernel's limit on the path of a Unix socket, bytes without the closing zero. */
const MAX_SOCKET_PATH = 107;
const SOCKET_NAME = "sdk.sock";

/**
 * Where the files of one attempt lie. A session sees what is in `session`, `loaded` and `socket_folder`, and its own
 * `output_log`; `session` and `log` may be file systems of their own (see `Scratch`).
 */
export interface AttemptFolder {
  root: string;
  assignment: string;
  state: string;
  log: string;
  output_log: string;
  spool: string;
  cursor: string;
  /** Folder of the socket: it is mounted as a folder so that a restarted runner can put a new socket there. */
  socket_folder: string;
  socket: string;
  session: string;
  code: string;
  home: string;
  tmp: string;
  output: string;
  loaded: string;
}

/** The paths of an attempt's files. A socket whose path would be too long lies in the system's temporary folder. */
export function attemptFolder(dataFolder: string, attemptId: string): AttemptFolder {
  const root = join(dataFolder, "attempts", attemptId);
  const session = join(root, "session");
  // Runners before the log had a folder of its own began it here; a session of theirs may still run.
  const earlierLog = join(root, "output.log");
  let socketFolder = join(session, "socket");
  if (Buffer.byteLength(join(socketFolder, SOCKET_NAME)) > MAX_SOCKET_PATH) {
    const short = new Bun.CryptoHasher("sha256").update(root).digest("hex").slice(0, 16);
    socketFolder = join(tmpdir(), `podium-${short}`);
  }
  return {
    root,
    assignment: join(root, "assignment.json"),
    state: join(root, "state.json"),
    log: join(root, "log"),
    output_log: existsSync(earlierLog) ? earlierLog : join(root, "log", "output.log"),
    spool: join(root, "spool", "records.jsonl"),
    cursor: join(root, "spool", "acked.json"),
    socket_folder: socketFolder,
    socket: join(socketFolder, SOCKET_NAME),
    session,
    code: join(session, "code"),
    home: join(session, "home"),
    tmp: join(session, "tmp"),
    output: join(session, "output"),
    loaded: join(root, "loaded"),
  };
}

/** The runner's own part of it, which needs no room for the session. */
export async function makeAttemptFolder({ root, spool }: AttemptFolder) {
  for (const path of [root, dirname(spool)]) await mkdir(path, { recursive: true, mode: 0o700 });
}

/** The folders that a session finds, empty. Those that it may write to, and its log, are given to `owner`. */
export async function makeSessionFolders(folder: AttemptFolder, owner: Owner | null) {
  const { code, home, tmp, output, loaded, socket_folder, output_log } = folder;
  for (const path of [code, home, tmp, output, socket_folder])
    await mkdir(path, { recursive: true, mode: 0o700 });
  // What is loaded is only read, by whoever the session runs as; nobody else gets as far as here.
  await mkdir(loaded, { recursive: true, mode: 0o755 });
  await (await open(output_log, "a", 0o600)).close();
  if (!owner) return;
  for (const path of [code, home, tmp, output, socket_folder, output_log])
    await chown(path, owner.uid, owner.gid);
}

/** Deletes what a session that has ended leaves for nobody; its output may still be taken over. */
export async function makeRoom({ tmp, home, output }: AttemptFolder, mayTakeOutput: boolean) {
  for (const path of mayTakeOutput ? [tmp, home] : [tmp, home, output]) await removeFolder(path);
}

/** Gives a copied tree to the user that a session runs as. Links are not followed. */
export async function giveTo(owner: Owner | null, folder: string) {
  if (!owner) return;
  await lchown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(owner, path);
    else await lchown(path, owner.uid, owner.gid);
  }
}
