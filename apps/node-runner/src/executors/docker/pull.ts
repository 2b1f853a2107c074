import { callDaemon, refusalOf } from "./daemon.ts";

const LINE_EVERY_NS = 2e9;

interface PullLine {
  status?: string;
  id?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

/**
 * Has the daemon fetch an image from its registry; `onLine` hears now and then how far it is. When the signal aborts,
 * the daemon stops too. What is whole of it stays, and is not fetched again. Throws what registry or daemon said.
 */
export async function pullImage(
  dockerHost: string,
  reference: string,
  signal: AbortSignal,
  onLine: (line: string) => void,
) {
  const query = new URLSearchParams({ fromImage: withTag(reference) });
  const response = await callDaemon(dockerHost, "POST", `/images/create?${query}`, signal);
  const show = progressTo(onLine);
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as PullLine;
    if (line.error !== undefined) throw refusalOf(500, line.error);
    show(line);
  }
}

function progressTo(onLine: (line: string) => void) {
  const layers = new Map<string, { current: number; total: number }>();
  let shownAt = Number.NEGATIVE_INFINITY;
  return ({ id, progressDetail: detail }: PullLine) => {
    if (!id || !detail?.total) return;
    layers.set(id, { current: detail.current ?? 0, total: detail.total });
    if (Bun.nanoseconds() - shownAt < LINE_EVERY_NS) return;
    shownAt = Bun.nanoseconds();
    const [current, total] = [...layers.values()].reduce(
      ([a, b], layer) => [a + layer.current, b + layer.total],
      [0, 0],
    );
    onLine(`${Math.round(current / 1e6)} of ${Math.round(total / 1e6)} MB of ${layers.size} layers`);
  };
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim()) yield line;
  }
}

/** Without a tag the daemon would pull all of them. */
function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? reference : `${reference}:latest`;
}
