import { join } from "node:path";

/** A server in a process of its own, which says its port and then, line by line, what it gets. */
export async function startChild<Got>(file: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, file)], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = linesOf(child.stdout);
  const first = await lines.next();
  const got: Got[] = [];
  const reading = (async () => {
    for await (const line of lines) got.push(JSON.parse(line) as Got);
  })();
  return {
    port: Number(first.value),
    got,
    /** Waits until it has got so many. */
    async until(count: number) {
      while (got.length < count) await Bun.sleep(10);
      return got;
    },
    /** Ends the process; what it has got by then can be read. */
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
      await reading;
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
