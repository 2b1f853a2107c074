import { chmod, chown, unlink } from "node:fs/promises";
import type { BatchFrame, RunnerFrame } from "@podium/shared";
import type { Socket, UnixSocketListener } from "bun";
import type { Clock } from "../clock.ts";
import { isErrno } from "../data/files.ts";
import type { Owner } from "../executors/executor.ts";
import type { Log } from "../log.ts";
import { SdkConnection, type SdkHandlers } from "./sdk-connection.ts";
import type { Spool } from "./spool.ts";

const CLOSE_WAIT_MS = 5_000;
const MAX_CONNECTIONS = 256;
/** Of one session; what it does wrong after that is not said again. */
const MAX_COMPLAINTS = 20;
/** A connection that holds less of an unfinished frame is not worth adding up. */
const SMALL_BYTES = 64 * 1024;

export interface SdkServerOptions {
  path: string;
  /** Who the session runs as; null: the runner's own user. */
  owner: Owner | null;
  spool: Spool;
  handlers: SdkHandlers;
  /** Bytes of unfinished frames that all connections together may have in the runner's memory. */
  maxHeldBytes: number;
  clock: Clock;
  log: Log;
}

/** The Unix socket in a session's sandbox. */
export class SdkServer {
  readonly #connections = new Set<SdkConnection>();
  #listener: UnixSocketListener<SdkConnection> | null = null;
  #onClosed: () => void = () => {};
  #complaints = 0;

  constructor(private readonly options: SdkServerOptions) {}

  /** Listens; a socket that an earlier runner left behind is replaced. */
  async listen() {
    const { path, owner } = this.options;
    await unlink(path).catch((error) => {
      if (!isErrno(error, "ENOENT")) throw error;
    });
    this.#listener = Bun.listen<SdkConnection>({
      unix: path,
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, bytes) => {
          socket.data.receive(bytes);
          if (socket.data.heldBytes > SMALL_BYTES) this.#boundHeld(socket);
        },
        drain: (socket) => socket.data.flush(),
        close: (socket) => this.#closed(socket.data),
        error: (_socket, error) => this.#complain({ err: error }, "the session's socket failed"),
      },
    });
    await chmod(path, 0o600);
    if (owner) await chown(path, owner.uid, owner.gid);
  }

  get isConnected() {
    return [...this.#connections].some((connection) => connection.pid !== null);
  }

  isConnectedTo(pid: number) {
    return this.#of(pid) !== undefined;
  }

  /** Asks every process of the session to save now, because it will have to end. */
  announceStop(reason: string, graceMs: number) {
    for (const connection of this.#connections) {
      connection.maySave = true;
      connection.send({ type: "stop", reason, grace_ms: graceMs });
    }
  }

  /** True once every process that is there has said that it has nothing to save. One that is gone may be ending. */
  get hasNothingToSave() {
    return this.isConnected && ![...this.#connections].some((connection) => connection.maySave);
  }

  /** To every process; the one that runs the script answers. */
  sendToAll(frame: RunnerFrame) {
    for (const connection of this.#connections) connection.send(frame);
  }

  /** False when the process is not connected at the moment. */
  sendBatch(pid: number, frame: BatchFrame, tail: readonly Uint8Array[]): boolean {
    const connection = this.#of(pid);
    connection?.send(frame, tail);
    return connection !== undefined;
  }

  /** Nobody waits any more for these items of a batch; without them: for none of it. */
  cancelBatch(pid: number, batch: number, items?: number[]) {
    this.#of(pid)?.send(items ? { type: "cancel", batch, items } : { type: "cancel", batch });
  }

  /** To be called when no process is left: takes in what they had sent until their end, then stops listening. */
  async close() {
    const connections = [...this.#connections];
    if (connections.length > 0) {
      const closed = new Promise<void>((resolve) => {
        this.#onClosed = resolve;
      });
      await Promise.race([closed, Bun.sleep(CLOSE_WAIT_MS)]);
    }
    await Promise.all(connections.map((connection) => connection.settled()));
    this.abandon();
  }

  /** Stops listening at once; what is not acknowledged comes again to the next runner. */
  abandon() {
    this.#listener?.stop(true);
    this.#listener = null;
  }

  #open(socket: Socket<SdkConnection>) {
    const { spool, handlers, clock } = this.options;
    const complain = (details: object, message: string) => this.#complain(details, message);
    socket.data = new SdkConnection(socket, spool, handlers, () => clock.now(), complain);
    // One that is only asked to end stays for as long as its other side likes.
    if (this.#connections.size >= MAX_CONNECTIONS) socket.terminate();
    else this.#connections.add(socket.data);
  }

  /** Unfinished frames are the runner's own memory, and so that of all sessions here. */
  #boundHeld(socket: Socket<SdkConnection>) {
    const held = [...this.#connections].reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    if (held <= this.options.maxHeldBytes) return;
    this.#complain({ held_bytes: held }, "the session has too much of unfinished frames under way");
    socket.terminate();
  }

  #complain(details: object, message: string) {
    this.#complaints++;
    if (this.#complaints <= MAX_COMPLAINTS) this.options.log.warn(details, message);
  }

  #closed(connection: SdkConnection) {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onClosed();
    this.options.handlers.changed();
  }

  #of(pid: number) {
    return [...this.#connections].find((connection) => connection.pid === pid);
  }
}
