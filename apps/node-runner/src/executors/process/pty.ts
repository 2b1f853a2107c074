import { STREAM_WINDOW_BYTES } from "@podium/shared";
import type { Subprocess } from "bun";
import type { Terminal, TerminalSize } from "../terminal.ts";

/**
 * Runs a command in a pseudo-terminal. Standard input brings frames, `kind (1 byte) | length (u32) | payload`: d is
 * input, r a new size, a how much was shown. It stops reading the terminal while `window` bytes are not shown, so that
 * a program that prints without end waits in the kernel. Arguments: columns, rows, window, the command.
 */
const HELPER = `
import fcntl, os, pty, select, signal, struct, sys, termios, time
cols, rows, window = map(int, sys.argv[1:4])
pid, tty = pty.fork()
if pid == 0:
    os.execvp(sys.argv[4], sys.argv[4:])
def resize(cols, rows):
    fcntl.ioctl(tty, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
resize(cols, rows)
os.set_blocking(tty, False)
frames, typed, ahead = b"", b"", 0
while True:
    read, write, _ = select.select([0] + ([tty] if ahead < window else []), [tty] if typed else [], [])
    if 0 in read:
        got = os.read(0, 65536)
        if not got:
            break
        frames += got
        while len(frames) >= 5:
            kind, length = struct.unpack_from("<cI", frames)
            if len(frames) < 5 + length:
                break
            payload, frames = frames[5:5 + length], frames[5 + length:]
            if kind == b"d":
                typed = (typed + payload)[-1048576:]
            elif kind == b"r":
                resize(*struct.unpack("<HH", payload))
            else:
                ahead -= struct.unpack("<I", payload)[0]
    if write:
        try:
            typed = typed[os.write(tty, typed):]
        except BlockingIOError:
            pass
    if tty in read:
        try:
            printed = os.read(tty, 16384)
        except BlockingIOError:
            continue
        except OSError:
            break
        if not printed:
            break
        ahead += len(printed)
        while printed:
            printed = printed[os.write(1, printed):]
os.close(tty)
for _ in range(40):
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    time.sleep(0.05)
os.kill(pid, signal.SIGKILL)
sys.exit(137)
`;

type Kind = "d" | "r" | "a";

/** Starts a command in a pseudo-terminal; `onData` gets what it prints. */
export function openPty(
  python: string,
  command: string[],
  options: { cwd: string; env: Record<string, string>; size: TerminalSize },
  onData: (bytes: Uint8Array) => void,
): Terminal {
  const { cols, rows } = options.size;
  const numbers = [cols, rows, STREAM_WINDOW_BYTES].map(String);
  const helper = Bun.spawn([python, "-c", HELPER, ...numbers, ...command], {
    cwd: options.cwd,
    env: options.env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const send = (kind: Kind, payload: Uint8Array) => {
    const head = Buffer.alloc(5);
    head.write(kind, 0);
    head.writeUInt32LE(payload.byteLength, 1);
    helper.stdin.write(head);
    helper.stdin.write(payload);
    void helper.stdin.flush();
  };
  return {
    write: (bytes) => send("d", bytes),
    resize: (size) => send("r", numbersOf(2, size.cols, size.rows)),
    acknowledge: (bytes) => send("a", numbersOf(4, bytes)),
    close: () => void helper.stdin.end(),
    ended: printed(helper, onData),
  };
}

function numbersOf(width: 2 | 4, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(width * values.length);
  for (const [index, value] of values.entries()) bytes.writeUIntLE(value, index * width, width);
  return bytes;
}

async function printed(
  helper: Subprocess<"pipe", "pipe", "ignore">,
  onData: (bytes: Uint8Array) => void,
): Promise<number | null> {
  const reader = helper.stdout.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) onData(part.value);
  return helper.exited;
}
