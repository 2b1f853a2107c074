import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "./load.ts";

/** Latencies of requests that were sent at a fixed rate, whether or not earlier ones had been answered, ms. */
export interface Paced {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const MISSING =
  "vegeta is not installed; it sends at a fixed rate. Get it with: go install github.com/tsenart/vegeta/v12@latest";

/**
 * Sends `requestsPerSecond` for `seconds`, evenly spaced, over at most `connections` connections. A request that can't go
 * out in time counts from when it should have gone: waiting in line is part of its latency.
 * Throws when vegeta is not installed, when an answer is not 200, or when the rate was not kept.
 */
export async function paced(
  { url, body, headers }: Target,
  requestsPerSecond: number,
  connections: number,
  seconds: number,
): Promise<Paced> {
  if (!Bun.which("vegeta")) throw new Error(MISSING);
  const folder = mkdtempSync(join(tmpdir(), "podium-vegeta-"));
  try {
    writeFileSync(join(folder, "body"), body);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    writeFileSync(
      join(folder, "target"),
      [`POST ${url}`, ...lines, `@${join(folder, "body")}`, ""].join("\n"),
    );
    const rate = ["-rate", `${Math.round(requestsPerSecond)}/s`, "-duration", `${seconds}s`];
    const clients = ["-connections", String(connections), "-workers", "64", "-max-workers", "512"];
    const attack = ["vegeta", "attack", "-targets", join(folder, "target"), ...rate, ...clients];
    const results = join(folder, "results");
    await run([...attack, "-output", results]);
    const report = JSON.parse(await run(["vegeta", "report", "-type", "json", results])) as VegetaReport;
    return figuresOf(report, url, requestsPerSecond);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface VegetaReport {
  latencies: Record<"50th" | "99th", number>;
  throughput: number;
  success: number;
  status_codes: Record<string, number>;
}

function figuresOf(report: VegetaReport, url: string, wanted: number): Paced {
  const { latencies, throughput, success, status_codes } = report;
  if (success < 1) throw new Error(`${url}: not every answer was 200: ${JSON.stringify(status_codes)}`);
  if (throughput < 0.95 * wanted)
    throw new Error(
      `${url}: ${Math.round(throughput)}/s came of the ${Math.round(wanted)}/s that were asked for.`,
    );
  return { requestsPerSecond: throughput, p50Ms: latencies["50th"] / 1e6, p99Ms: latencies["99th"] / 1e6 };
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
