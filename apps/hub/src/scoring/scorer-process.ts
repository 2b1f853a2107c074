import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { scoreFiles } from "./score-files.ts";
import type { ScoreRequest } from "./score-request.ts";
import { answerOfError, type ScorerAnswer, scorerRequestSchema } from "./scorer-messages.ts";

/**
 * The scorer's child process: hostile files are parsed here, not in the hub. Reads one request a line on stdin,
 * answers one line on stdout, ends when stdin ends (the hub is gone). Holds no secret and no connection.
 */
function main() {
  preferToDie();
  const lines = createInterface({ input: process.stdin });
  lines.on(
    "line",
    (line) => void answer(line).then((found) => process.stdout.write(`${JSON.stringify(found)}\n`)),
  );
  lines.on("close", () => process.exit(0));
}

async function answer(line: string): Promise<ScorerAnswer> {
  try {
    const { request } = scorerRequestSchema.parse(JSON.parse(line));
    // Read by `scoreFiles`, which refuses what is no request.
    const result = await scoreFiles(request as ScoreRequest);
    const rss_bytes = process.memoryUsage.rss();
    return { type: "score", result, rss_bytes, peak_rss_bytes: peakBytes() };
  } catch (error) {
    return answerOfError(error);
  }
}

/** The most memory that this process has held. Not `resourceUsage`, which begins with what its parent held. */
function peakBytes(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** When the machine runs out of memory, the kernel should end this process rather than the hub. */
function preferToDie() {
  try {
    writeFileSync("/proc/self/oom_score_adj", "900");
  } catch {
    // Not Linux, or a container forbids it: then the kernel chooses as it likes.
  }
}

main();
