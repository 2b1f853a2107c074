import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One `POST`, sent again and again. */
export interface Target {
  url: string;
  body: string | Uint8Array;
  headers: Record<string, string>;
}

export interface Load {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export type LoadTool = "wrk" | "autocannon";

/** `wrk` where it is installed: it takes a third of autocannon's share of the processors from what is measured. */
export function loadTool(): LoadTool {
  return Bun.which("wrk") ? "wrk" : "autocannon";
}

/**
 * Keeps `connections` requests in flight for `seconds`.
 * Throws when an answer is not 2xx or a connection fails: a rate of errors is not a rate.
 */
export async function load(
  tool: LoadTool,
  target: Target,
  connections: number,
  seconds: number,
): Promise<Load> {
  const { failures, ...load } = await (tool === "wrk" ? wrk : autocannon)(target, connections, seconds);
  if (failures > 0) throw new Error(`${target.url}: ${failures} of the requests failed.`);
  return load;
}

type Measured = Load & { failures: number };

async function wrk(target: Target, connections: number, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "podium-wrk-"));
  try {
    const script = join(folder, "post.lua");
    writeFileSync(script, luaOf(target));
    // Its own patience of 2 s would count slow answers to many large requests as failures.
    const patience = ["--timeout", "30s"];
    const size = ["--threads", "1", "--connections", String(connections), "--duration", `${seconds}s`];
    const options = [...size, ...patience];
    const output = await run(["wrk", ...options, "--script", script, target.url]);
    const [rate, p50, p99, failures] = (/^podium (.*)$/m.exec(output)?.[1] ?? "").split(" ").map(Number);
    return {
      requestsPerSecond: rate ?? Number.NaN,
      p50Ms: (p50 ?? Number.NaN) / 1000,
      p99Ms: (p99 ?? Number.NaN) / 1000,
      failures: failures ?? Number.NaN,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What wrk sends, and a last line that is easier to read than its table. */
function luaOf({ body, headers }: Target): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
  return `wrk.method = "POST"
wrk.body = ${lua(body)}
${lines.join("\n")}
function done(summary, latency)
  local e = summary.errors
  local failures = e.connect + e.read + e.write + e.status + e.timeout
  local rate = summary.requests * 1e6 / summary.duration
  print(string.format("podium %f %f %f %d", rate, latency:percentile(50), latency:percentile(99), failures))
end
`;
}

/** A string of Lua, every byte of it escaped by number. */
function lua(text: string | Uint8Array): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}

async function autocannon(target: Target, connections: number, seconds: number): Promise<Measured> {
  if (typeof target.body !== "string") throw new Error("What is not text is sent by wrk: install it.");
  const headers = Object.entries(target.headers).flatMap(([name, value]) => ["-H", `${name}=${value}`]);
  const options = ["-j", "-c", String(connections), "-d", String(seconds), "-m", "POST", "-b", target.body];
  const program = Bun.fileURLToPath(import.meta.resolve("autocannon"));
  const result = JSON.parse(await run(["node", program, ...options, ...headers, target.url])) as {
    requests: { total: number };
    latency: { p50: number; p99: number };
    duration: number;
    errors: number;
    non2xx: number;
  };
  return {
    requestsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.errors + result.non2xx,
  };
}

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${error || output}`);
  return output;
}
