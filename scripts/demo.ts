// `npm run demo [-- movie-score|digits|weather] [--once]`: Podium's main job on real data, played through its public
// API and command line on a stack of its own. Writes summary.json; exit code 1 when a promise does not hold.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readDemoScript } from "../examples/lib/demo-script.ts";
import { createDisplay } from "./demo/display.ts";
import { Durations } from "./demo/durations.ts";
import { type DemoOptions, readOptions } from "./demo/options.ts";
import { makePeople } from "./demo/people.ts";
import { play } from "./demo/play.ts";
import { readDefinition } from "./demo/read-definition.ts";
import { prepareBundle } from "./demo/steps/prepare-bundle.ts";
import { summarySchema } from "./demo/summary.ts";
import type { World } from "./demo/world.ts";
import { rootDir } from "./setup/paths.mjs";
import { takeLock } from "./stack/lock.ts";
import { beginStack, type StartingStack } from "./stack/stack.ts";
import { stopRequested } from "./stack/until-signal.ts";

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const abort = new AbortController();
  let starting: StartingStack | undefined;
  const interrupted = stopRequested(() => {
    starting?.kill();
    process.exit(130);
  }).then(() => {
    abort.abort();
    void starting?.stop();
  });
  const display = createDisplay();
  try {
    const options = readOptions(args);
    await mkdir(options.folder, { recursive: true });
    takeLock(join(options.folder, "lock"), `The demo's folder ${options.folder}`);
    starting = beginStack({
      dataDir: join(options.folder, "data"),
      fresh: true,
      env: { PODIUM_NODE_NAME: "demo-node" },
      onLine: (line) => display.note(`  ! ${line}`),
    });
    const world = await playAll(options, starting, display, abort.signal);
    if (process.stdout.isTTY && !options.once) {
      display.clear();
      showLogIns(world);
      await interrupted;
    }
    return 0;
  } catch (error) {
    display.clear();
    if (abort.signal.aborted) return 130;
    console.error(`podium demo: ${(error as Error).message}`);
    return 1;
  } finally {
    await starting?.stop();
  }
}

async function playAll(
  options: DemoOptions,
  starting: StartingStack,
  display: World["display"],
  signal: AbortSignal,
): Promise<World> {
  const durations = new Durations();
  const exampleFolder = join(rootDir, "examples", options.example);
  const bundleFolder = join(options.folder, "bundles", options.example);
  const workFolder = join(options.folder, "work");
  await rm(workFolder, { recursive: true, force: true });
  const [stack, script, definition] = await durations.time("start", () =>
    Promise.all([
      starting.started,
      readDemoScript(exampleFolder),
      prepareBundle(exampleFolder, bundleFolder).then(() => readDefinition(bundleFolder)),
    ]),
  );
  const people = await makePeople(options.folder, stack, script, signal);
  const world = {
    exampleFolder,
    bundleFolder,
    workFolder,
    script,
    definition,
    stack,
    display,
    signal,
    ...people,
  };
  display.note(`Podium is up at ${stack.hubUrl} (models at ${stack.gatewayUrl}).`);

  const summary = summarySchema.parse(await play(world, durations));
  const summaryPath = join(options.folder, "summary.json");
  await Bun.write(summaryPath, `${JSON.stringify(summary, null, 2)}\n`);
  display.note(
    `\nDone in ${((summary.durations_ms["total"] ?? 0) / 1000).toFixed(1)} s. Summary: ${summaryPath}`,
  );
  return world;
}

function showLogIns({ stack, admin, organizer, participants }: World): void {
  const people = [admin, organizer, ...participants.values()];
  console.log(`
Podium stays up until Ctrl-C.
  web and API   ${stack.hubUrl}
  models        ${stack.gatewayUrl}
  log-ins`);
  for (const { logIn } of people) console.log(`    ${logIn.email.padEnd(32)} ${logIn.password}`);
}
