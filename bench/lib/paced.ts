import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "./load.ts";

/** Latencies of requests that were sent at a fixed rate, ms. */
export interface Paced {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Each sends its share of the rate; so many that hardly ever one still waits when its next request is due. */
const CONNECTIONS = 128;
/** Connections begin one after the other, so that they do not all send in the same moment; until then nothing counts. */
const APART_MS = 7;
const MISSING = "h2load is not installed; it sends at a fixed rate. It comes with nghttp2 (nghttp2-client).";

/**
 * Sends `requestsPerSecond` for `seconds`, evenly spaced over all connections.
 * Throws when h2load is not installed, when an answer is not 2xx, or when the rate was not kept.
 */
export async function paced(target: Target, requestsPerSecond: number, seconds: number): Promise<Paced> {
  if (!Bun.which("h2load")) throw new Error(MISSING);
  const folder = mkdtempSync(join(tmpdir(), "podium-h2load-"));
  try {
    const body = join(folder, "body");
    writeFileSync(body, target.body);
    const log = join(folder, "log");
    const rampMs = CONNECTIONS * APART_MS;
    const count = Math.round(requestsPerSecond * (seconds + rampMs / 1000));
    const rate = ["--rps", String(requestsPerSecond / CONNECTIONS), "-n", String(count)];
    const clients = ["-c", String(CONNECTIONS), "-r", "1", "--rate-period", `${APART_MS}ms`];
    const headers = Object.entries(target.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    await run([
      "h2load",
      "--h1",
      "-t",
      "1",
      ...rate,
      ...clients,
      "-d",
      body,
      ...headers,
      "--log-file",
      log,
      target.url,
    ]);
    return figuresOf(readFileSync(log, "utf8"), rampMs, seconds, requestsPerSecond, target.url);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param log of h2load: when each request began (microseconds), its answer's status, and microseconds until its end */
function figuresOf(log: string, rampMs: number, seconds: number, wanted: number, url: string): Paced {
  const requests = log
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t").map(Number));
  const failed = requests.find(([, status = 0]) => status < 200 || status > 299);
  if (failed) throw new Error(`${url}: a request was answered ${failed[1]}.`);
  const began = requests.reduce((first, [start = 0]) => Math.min(first, start), Infinity) + rampMs * 1000;
  const counted = requests.filter(([start = 0]) => start >= began && start < began + seconds * 1e6);
  const rate = counted.length / seconds;
  if (rate < 0.9 * wanted)
    throw new Error(`${url}: ${Math.round(rate)}/s came of the ${Math.round(wanted)}/s that were asked for.`);
  const took = counted.map(([, , us = 0]) => us).sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(share * (took.length - 1))] ?? Number.NaN) / 1000;
  return { requestsPerSecond: rate, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function run(command: string[]) {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const error = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${error}`);
}
