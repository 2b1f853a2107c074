// Pushes a large file and 100,000 small ones, whole and with 1 % changed, against rsync over loopback and cp; mounts them on a node.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bunPath } from "../scripts/setup/paths.mjs";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { ended, must, type Person, run, signUp } from "../tests/lib/person.ts";
import { peakMemoryBytes, podium } from "../tests/lib/podium-command.ts";
import { type Aim, report } from "./lib/report.ts";
import { type RsyncDaemon, startRsyncDaemon } from "./lib/rsync-daemon.ts";
import { changeLargeFile, changeSmallFiles, makeLargeFile, makeSmallFiles } from "./lib/transfer-data.ts";

const MIB = 1024 ** 2;
const MOST_MEMORY = 300 * MIB;
const MOST_MOUNT_S = 0.3;

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "100000" },
    "large-mib": { type: "string", default: "4096" },
  },
});
const [fileCount, largeBytes] = [Number(values.files), Number(values["large-mib"]) * MIB];

const root = mkdtempSync(join(tmpdir(), "podium-bench-data-"));
const figures: Record<string, number> = { small_files: fileCount, large_bytes: largeBytes };
const aims: Aim[] = [];
let cliPeak = 0;

const stack = await startStack({ dataDir: join(root, "podium") });
const rsync = await startRsyncDaemon(join(root, "rsync"));
console.error(
  rsync ? `${rsync.version}; options: -a, to a daemon on loopback` : "There is no rsync here: not compared.",
);
try {
  const person = await signUp(stack.hubUrl);
  const [small, large] = [join(root, "small"), join(root, "large")];
  figures["small_bytes"] = makeSmallFiles(small, fileCount);
  mkdirSync(large);
  makeLargeFile(join(large, "large.bin"), largeBytes);
  // All sources are in the page cache from here on, and nothing is waiting to be written when a clock starts.
  await sides("small", "first", small, person, rsync);
  await sides("large", "first", large, person, rsync);
  changeSmallFiles(small, fileCount);
  changeLargeFile(join(large, "large.bin"), largeBytes);
  await sides("small", "changed", small, person, rsync);
  await sides("large", "changed", large, person, rsync);
  await pulls(person);
  await mounts(stack, person);
  memory(stack);
} finally {
  await rsync?.stop();
  await stack.stop();
  rmSync(root, { recursive: true, force: true });
}
report({ bench: "data", figures, aims });

/** One set, one after the other by cp, rsync and push; the later two against each other. */
async function sides(
  set: "small" | "large",
  version: "first" | "changed",
  source: string,
  person: Person,
  daemon: RsyncDaemon | null,
) {
  const name = `${set}_${version}`;
  if (version === "first") {
    figures[`${name}_cp_s`] = await timed(async () => {
      await Bun.$`cp -a ${source} ${join(root, `${set}-copy`)}`;
    }, `${name}_cp_synced_s`);
    await Bun.$`rm -rf ${join(root, `${set}-copy`)}`;
  }
  const theirs = daemon && (await timed(() => daemon.send(source, set), `${name}_rsync_synced_s`));
  if (theirs !== null) figures[`${name}_rsync_s`] = theirs;
  const ours = await timed(() => push(person, set, source), `${name}_push_synced_s`);
  figures[`${name}_push_s`] = ours;
  const most = version === "first" ? 2 : 1.2;
  const ratio = theirs === null ? null : ours / theirs;
  aims.push({
    name: `${set}, ${version} push ÷ rsync`,
    unit: "×",
    aim: most,
    measured: ratio,
    met: ratio === null ? null : ratio <= most,
  });
}

/** Seconds that the work takes; as a figure of its own, seconds until all of it is on the disk too. */
async function timed(work: () => Promise<void>, synced: string): Promise<number> {
  await Bun.$`sync -f ${root}`;
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  await Bun.$`sync -f ${root}`;
  figures[synced] = (performance.now() - started) / 1000;
  console.error(`${synced.replace("_synced_s", "")}: ${seconds.toFixed(2)} s`);
  return seconds;
}

async function command(person: Person, ...args: string[]) {
  const result = await podium(args, { url: stack.hubUrl, token: person.token, home: join(root, "home") })
    .done;
  if (result.code !== 0) throw new Error(`podium ${args.join(" ")} failed: ${result.output}`);
  cliPeak = Math.max(cliPeak, result.peakBytes);
  console.error(result.output.trim());
}

async function push(person: Person, name: string, source: string) {
  await command(person, "dataset", "push", name, source);
}

async function pulls(person: Person) {
  for (const set of ["small", "large"]) {
    const target = join(root, `${set}-pulled`);
    figures[`${set}_pull_s`] = await timed(
      () => command(person, "dataset", "pull", set, target),
      `${set}_pull_synced_s`,
    );
    await Bun.$`rm -rf ${target}`;
  }
}

/** The small files into the empty cache of the node, then again, then with the runner's own code alone. */
async function mounts({ pids, hubUrl }: Stack, person: Person) {
  for (const what of ["empty", "filled"])
    figures[`session_with_${what}_cache_s`] = await sessionStart(hubUrl, person);
  figures["runner_peak_bytes"] = peakMemoryBytes(pids()["runner"] ?? 0);
  const params = { path: { team: person.team, name: "small" } };
  const versions = must(await person.api.GET("/api/v1/datasets/{team}/{name}/versions", { params }));
  const child = Bun.spawnSync([
    bunPath(),
    join(import.meta.dir, "lib/mount-tree.ts"),
    join(root, "podium/runner"),
    versions.items[0]?.tree_id ?? "",
  ]);
  const [afterRestart = 0, mounted = 0] = JSON.parse(child.stdout.toString()) as number[];
  for (const [name, measured] of [
    ["mount of cached small files, first after the runner's start", afterRestart],
    ["mount of cached small files", mounted],
  ] as const) {
    figures[`${name.includes("first") ? "first_" : ""}mount_s`] = measured;
    aims.push({ name, unit: "s", aim: MOST_MOUNT_S, measured, met: measured <= MOST_MOUNT_S });
  }
}

/** Seconds from `podium run` being accepted until the session's process starts. */
async function sessionStart(hubUrl: string, person: Person): Promise<number> {
  const session = await run(person, hubUrl, "", { datasets: ["small"] });
  const { started_at, created_at, state } = await ended(person, session.id, 600_000);
  if (state !== "succeeded" || !started_at) throw new Error(`The session ${state}.`);
  return (Date.parse(started_at) - Date.parse(created_at)) / 1000;
}

function memory({ pids }: Stack) {
  figures["hub_peak_bytes"] = peakMemoryBytes(pids()["hub"] ?? 0);
  figures["cli_peak_bytes"] = cliPeak;
  for (const name of ["cli", "hub", "runner"]) {
    const measured = (figures[`${name}_peak_bytes`] ?? 0) / MIB;
    aims.push({
      name: `peak memory of ${name}`,
      unit: "MiB",
      aim: 300,
      measured,
      met: measured * MIB < MOST_MEMORY,
    });
  }
}
