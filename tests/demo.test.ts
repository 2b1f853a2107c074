import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Summary, summarySchema } from "../scripts/demo/summary.ts";
import { bunPath, rootDir } from "../scripts/setup/paths.mjs";
import { listProcesses } from "../scripts/stack/process-table.ts";

const DEMO_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), "podium-demo-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function demo(...args: string[]) {
  const child = Bun.spawn([bunPath(), join(rootDir, "scripts/demo.ts"), ...args, "--dir", folder], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

async function readSummary(): Promise<Summary> {
  return summarySchema.parse(await Bun.file(join(folder, "summary.json")).json());
}

/** Processes that were started for this folder: their command, environment or working directory names it. */
function processesLeft(): string[] {
  return listProcesses()
    .filter(({ pid, state }) => state !== "Z" && pid !== process.pid && traces(pid).includes(folder))
    .map(({ command }) => command);
}

function traces(pid: number): string {
  try {
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
    return [read("cmdline"), read("environ"), readlinkSync(`/proc/${pid}/cwd`)].join("\n");
  } catch {
    return "";
  }
}

test(
  "the demo plays the whole contest, and a second demo at once says why not",
  async () => {
    const first = demo("movie-score", "--once");
    await Bun.sleep(1_500);
    const second = await demo("movie-score", "--once");
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/^podium demo: The demo's folder .* is in use by process \d+/);

    const { exitCode, stdout, stderr } = await first;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("tree-house wins.");

    const { rounds, failures, inference, ledger } = await readSummary();
    expect(rounds.map((round) => round.leaderboard.map((row) => row.entrant))).toEqual([
      ["tree-house", "night-owls", "lookalikes", "front-row"],
      ["tree-house", "night-owls"],
    ]);
    expect(rounds.map((round) => round.survivors)).toEqual([
      ["tree-house", "night-owls"],
      ["tree-house", "night-owls"],
    ]);
    expect(failures.map(({ entrant, refunded }) => ({ entrant, refunded }))).toContainAllValues([
      { entrant: "night-owls", refunded: true },
      { entrant: "front-row", refunded: true },
    ]);
    expect(failures.find(({ entrant }) => entrant === "night-owls")?.message).toContain("imdb_rating");
    expect(inference).toMatchObject({ status: 200, matches_local: true });
    expect(ledger.sum).toBe(0);
    expect(ledger.by_team["tree-house"]?.spent).toBeGreaterThan(0);
    expect(processesLeft()).toEqual([]);
  },
  DEMO_MS,
);

test(
  "it runs again on the same folder, from the start",
  async () => {
    const { exitCode, stderr } = await demo("weather", "--once");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { competition, rounds } = await readSummary();
    expect(competition).toBe("weather");
    expect(rounds[0]?.leaderboard[0]?.entrant).toBe("tree-house");
    expect(processesLeft()).toEqual([]);
  },
  DEMO_MS,
);

test("an example that there is not is refused with those that there are", async () => {
  const { exitCode, stderr } = await demo("moviescore");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Known: digits, movie-score, weather.");
});
