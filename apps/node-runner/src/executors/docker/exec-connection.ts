import { STREAM_WINDOW_BYTES } from "@podium/shared";
import type { TerminalSize } from "../terminal.ts";
import { addressOf } from "./daemon.ts";

/** What is typed ahead of a shell that does not read; of more the oldest is dropped, as a terminal does. */
const MOST_TYPED_BYTES = 1024 ** 2;

export interface ExecConnection {
  write(bytes: Uint8Array): void;
  /** So many more bytes of what it printed have been taken. */
  acknowledge(bytes: number): void;
  /** Hangs up at once, whatever is still on its way. */
  close(): void;
  /** True when the daemon ended it, false when it was hung up here. */
  readonly closed: Promise<boolean>;
}

/**
 * Starts an exec by hand: after the daemon's `101` the connection is the terminal's, which no HTTP client offers. It is
 * not read while `STREAM_WINDOW_BYTES` of what was printed are not taken. Throws what the daemon answers instead.
 */
export async function connectExec(
  dockerHost: string,
  execId: string,
  { cols, rows }: TerminalSize,
  onData: (bytes: Uint8Array) => void,
): Promise<ExecConnection> {
  const { promise: closed, resolve: setClosed } = Promise.withResolvers<boolean>();
  const { promise: open, resolve: setOpen, reject } = Promise.withResolvers<void>();
  let head = Buffer.alloc(0);
  let isOpen = false;
  let ahead = 0;
  let typed = Buffer.alloc(0);
  const take = (bytes: Uint8Array) => {
    if (bytes.byteLength === 0) return;
    ahead += bytes.byteLength;
    if (ahead >= STREAM_WINDOW_BYTES) socket.pause();
    onData(bytes);
  };
  const flush = () => {
    if (typed.byteLength > 0) typed = typed.subarray(Math.max(0, socket.write(typed)));
  };
  const handlers = {
    data(_socket: unknown, bytes: Buffer) {
      if (isOpen) return take(new Uint8Array(bytes));
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const status = head.toString("latin1", 0, head.indexOf("\r\n"));
      if (!/^HTTP\/1\.1 (101|200)/.test(status)) return reject(new Error(status));
      isOpen = true;
      setOpen();
      take(new Uint8Array(head.subarray(end + 4)));
    },
    drain: flush,
    close() {
      reject(new Error("The Docker daemon hung up."));
      setClosed(true);
    },
    error: (_socket: unknown, error: Error) => reject(error),
  };
  const address = addressOf(dockerHost);
  const socket = await ("socketPath" in address
    ? Bun.connect({ unix: address.socketPath, socket: handlers })
    : Bun.connect({ hostname: address.host, port: address.port, socket: handlers }));
  socket.write(requestOf(execId, { Detach: false, Tty: true, ConsoleSize: [rows, cols] }));
  try {
    await open;
  } catch (error) {
    socket.terminate();
    throw error;
  }
  return {
    closed,
    write(bytes) {
      typed = Buffer.concat([typed, bytes]);
      typed = typed.subarray(Math.max(0, typed.byteLength - MOST_TYPED_BYTES));
      flush();
    },
    acknowledge(bytes) {
      ahead -= bytes;
      if (ahead < STREAM_WINDOW_BYTES) socket.resume();
    },
    close() {
      setClosed(false);
      socket.terminate();
    },
  };
}

function requestOf(execId: string, settings: object): string {
  const body = JSON.stringify(settings);
  const lines = [
    `POST /exec/${execId}/start HTTP/1.1`,
    "Host: docker",
    "Content-Type: application/json",
    "Connection: Upgrade",
    "Upgrade: tcp",
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
