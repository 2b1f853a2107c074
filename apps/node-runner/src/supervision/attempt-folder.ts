import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The kernel's limit on the path of a Unix socket, bytes without the closing zero. */
const MAX_SOCKET_PATH = 107;
const SOCKET_NAME = "sdk.sock";

/** Where the files of one attempt lie. Only what is below `session/` is ever shown to the session. */
export interface AttemptFolder {
  root: string;
  assignment: string;
  state: string;
  output_log: string;
  spool: string;
  cursor: string;
  /** Folder of the socket: it is mounted as a folder so that a restarted runner can put a new socket there. */
  socket_folder: string;
  socket: string;
  code: string;
  home: string;
  tmp: string;
  output: string;
  loaded: string;
  checkpoint: string;
}

/** The paths of an attempt's files. A socket whose path would be too long lies in the system's temporary folder. */
export function attemptFolder(dataFolder: string, attemptId: string): AttemptFolder {
  const root = join(dataFolder, "attempts", attemptId);
  const session = join(root, "session");
  let socketFolder = join(session, "socket");
  if (Buffer.byteLength(join(socketFolder, SOCKET_NAME)) > MAX_SOCKET_PATH) {
    const short = new Bun.CryptoHasher("sha256").update(root).digest("hex").slice(0, 16);
    socketFolder = join(tmpdir(), `podium-${short}`);
  }
  return {
    root,
    assignment: join(root, "assignment.json"),
    state: join(root, "state.json"),
    output_log: join(root, "output.log"),
    spool: join(root, "spool", "records.jsonl"),
    cursor: join(root, "spool", "acked.json"),
    socket_folder: socketFolder,
    socket: join(socketFolder, SOCKET_NAME),
    code: join(session, "code"),
    home: join(session, "home"),
    tmp: join(session, "tmp"),
    output: join(session, "output"),
    loaded: join(session, "loaded"),
    checkpoint: join(session, "checkpoint"),
  };
}

export async function makeAttemptFolder(folder: AttemptFolder) {
  const { root, socket_folder, home, tmp, output, loaded } = folder;
  for (const path of [
    root,
    join(root, "spool"),
    join(root, "session"),
    socket_folder,
    home,
    tmp,
    output,
    loaded,
  ]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}
