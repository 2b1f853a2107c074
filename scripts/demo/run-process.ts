export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface ProcessOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Takes each line as it comes. */
  onOutLine?: (line: string) => void;
  onErrLine?: (line: string) => void;
  /** Ends the process when it is aborted. */
  signal: AbortSignal;
}

/** Runs a program to its end and collects what it writes. */
export async function runProcess(command: string[], options: ProcessOptions): Promise<Finished> {
  options.signal.throwIfAborted();
  const child = Bun.spawn(command, {
    stdin: options.stdin === undefined ? "ignore" : new TextEncoder().encode(options.stdin),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    signal: options.signal,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    readLines(child.stdout, options.onOutLine),
    readLines(child.stderr, options.onErrLine),
    child.exited,
  ]);
  options.signal.throwIfAborted();
  return { exitCode, stdout, stderr };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine?: (line: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let rest = "";
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const part = decoder.decode(piece.value, { stream: true });
    text += part;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine?.(line);
  }
  return text;
}
