// `npm test [-- PATH…]`: all tests, or those of the paths, against throw-away servers. Ends with one line of counts.
import { listProcesses, processesMarked, signalProcess } from "./stack/process-table.ts";
import { stopRequested } from "./stack/until-signal.ts";
import { waitUntil } from "./stack/wait.ts";
import { type Group, testGroups } from "./testing/groups.ts";
import { addResults, NO_RESULTS, type Results } from "./testing/results.ts";
import { type RunOptions, runGroup } from "./testing/run-group.ts";
import { startTestServices } from "./testing/services.ts";

/** Groups that may share the machine, at a time: they mostly wait. */
const BESIDE = 2;

const mark = { PODIUM_TEST_RUN: crypto.randomUUID() };

try {
  const groups = testGroups(process.argv.slice(2));
  const results = await runAll(groups);
  printClosing(results);
  process.exit(results.failed > 0 ? 1 : 0);
} catch (error) {
  console.error(`podium: ${(error as Error).message}`);
  process.exit(1);
}

async function runAll(groups: Group[]): Promise<Results> {
  const abort = new AbortController();
  const services = await startTestServices((line) => console.error(line));
  void stopRequested(() => process.exit(130)).then(async () => {
    abort.abort();
    await services.stop();
    await endLeftovers();
    process.exit(130);
  });
  const all: Results[] = [];
  try {
    const options = { env: { ...services.env, ...mark }, dir: services.dir, signal: abort.signal };
    for (const group of groups.filter(({ shares }) => !shares))
      all.push(await runGroup(group, { ...options, show: console.log }));
    all.push(
      ...(await runBeside(
        groups.filter(({ shares }) => shares),
        options,
      )),
    );
    all.push(await checkNothingLeft());
  } finally {
    await services.stop();
  }
  return addResults(all);
}

/** Runs groups some at a time; the output of each is shown whole when it has ended. */
async function runBeside(groups: Group[], options: Omit<RunOptions, "show">): Promise<Results[]> {
  const coming = groups.values();
  const done: Results[] = [];
  const one = async () => {
    for (const group of coming) {
      const lines: string[] = [];
      done.push(await runGroup(group, { ...options, show: (line) => lines.push(line) }));
      console.log(lines.join("\n"));
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, one));
  return done;
}

/** Tests end what they start: a process that outlives its test is a failure, and is ended here. */
async function checkNothingLeft(): Promise<Results> {
  const left = await endLeftovers();
  return left.length === 0
    ? NO_RESULTS
    : { ...NO_RESULTS, failed: 1, failures: [`left running by a test: ${left.join("; ")}`] };
}

async function endLeftovers(): Promise<string[]> {
  const marked = () => processesMarked(`PODIUM_TEST_RUN=${mark.PODIUM_TEST_RUN}`);
  if (await waitUntil(() => marked().length === 0, { withinMs: 5_000 })) return [];
  const rows = listProcesses();
  const left = marked();
  for (const pid of left) signalProcess(pid, "SIGKILL");
  return left.map((pid) => `${pid} ${rows.find((row) => row.pid === pid)?.command.slice(0, 120) ?? ""}`);
}

function printClosing({ passed, failed, skipped, failures, skips }: Results): void {
  console.log("");
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  for (const skip of skips) console.log(`SKIPPED: ${skip}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}
