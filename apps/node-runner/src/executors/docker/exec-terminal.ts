import { STREAM_WINDOW_BYTES } from "@podium/shared";
import type Docker from "dockerode";
import { SHELL, SHELL_ENV, type Terminal, type TerminalSize } from "../terminal.ts";

/** By this the shell and what it started are found again when somebody hangs up: Docker itself lets them run on. */
const MARK = "PODIUM_STREAM";
let opened = 0;
const END_MARKED = `for p in /proc/[0-9]*; do
  if tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx "${MARK}=$1"; then kill -9 "\${p#/proc/}" 2>/dev/null; fi
done`;

/**
 * Opens a shell in a container, in a terminal that the daemon keeps. Its bytes go over a connection of their own, since
 * a call of the HTTP client can't become one; reading from that pauses while nobody takes what was printed.
 */
export async function openExec(
  docker: Docker,
  dockerHost: string,
  name: string,
  cwd: string,
  size: TerminalSize,
  onData: (bytes: Uint8Array) => void,
): Promise<Terminal> {
  const container = docker.getContainer(name);
  const mark = `${process.pid}-${++opened}`;
  const env = Object.entries({ ...SHELL_ENV, [MARK]: mark }).map(([key, value]) => `${key}=${value}`);
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
  const exec = await container.exec({ ...streams, Cmd: SHELL, Env: env, WorkingDir: cwd });
  const connection = await connect(dockerHost, exec.id, onData);
  const resize = ({ cols, rows }: TerminalSize) => exec.resize({ w: cols, h: rows }).catch(() => {});
  await resize(size);
  return {
    write: connection.write,
    resize: (to) => void resize(to),
    acknowledge: connection.acknowledge,
    close: connection.close,
    ended: connection.closed.then(
      async () => {
        const { ExitCode } = await exec.inspect();
        if (ExitCode !== null) return ExitCode;
        const ending = await container.exec({ Cmd: ["/bin/sh", "-c", END_MARKED, "podium", mark] });
        await ending.start({ Detach: true });
        return null;
      },
      () => null,
    ),
  };
}

/** Starts the exec by hand: after the daemon's `101` the connection is the terminal's. */
async function connect(dockerHost: string, execId: string, onData: (bytes: Uint8Array) => void) {
  const { promise: closed, resolve: setClosed } = Promise.withResolvers<void>();
  const { promise: open, resolve: setOpen, reject } = Promise.withResolvers<void>();
  let head = "";
  let isOpen = false;
  let ahead = 0;
  let unsent: Uint8Array[] = [];
  const take = (bytes: Uint8Array) => {
    if (bytes.byteLength === 0) return;
    ahead += bytes.byteLength;
    if (ahead >= STREAM_WINDOW_BYTES) socket.pause();
    onData(bytes);
  };
  const flush = () => {
    for (let next = unsent[0]; next; next = unsent[0]) {
      const written = socket.write(next);
      if (written < next.byteLength) {
        if (written > 0) unsent[0] = next.subarray(written);
        return;
      }
      unsent.shift();
    }
  };
  const handlers = {
    data(_socket: unknown, bytes: Buffer) {
      if (isOpen) return take(new Uint8Array(bytes));
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!/^HTTP\/1\.1 (101|200)/.test(head)) return reject(new Error(head.split("\r\n")[0]));
      isOpen = true;
      setOpen();
      take(new Uint8Array(Buffer.from(head.slice(end + 4), "latin1")));
    },
    drain: flush,
    close: () => setClosed(),
    error: (_socket: unknown, error: Error) => reject(error),
  };
  const url = new URL(dockerHost);
  const socket = await (url.protocol === "unix:"
    ? Bun.connect({ unix: url.pathname, socket: handlers })
    : Bun.connect({ hostname: url.hostname, port: Number(url.port), socket: handlers }));
  const body = JSON.stringify({ Detach: false, Tty: true });
  const lines = [
    `POST /exec/${execId}/start HTTP/1.1`,
    "Host: docker",
    "Content-Type: application/json",
    "Connection: Upgrade",
    "Upgrade: tcp",
    `Content-Length: ${body.length}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  await open;
  return {
    closed,
    close: () => void socket.end(),
    write(bytes: Uint8Array) {
      unsent = [...unsent, bytes];
      if (unsent.length === 1) flush();
    },
    acknowledge(bytes: number) {
      ahead -= bytes;
      if (ahead < STREAM_WINDOW_BYTES) socket.resume();
    },
  };
}
