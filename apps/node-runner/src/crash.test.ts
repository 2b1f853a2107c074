import { afterAll, afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Assignment, AttemptReport } from "@podium/shared";
import { DockerDaemon } from "../../../scripts/testing/docker-daemon.ts";
import { requires } from "../../../scripts/testing/requires.ts";
import { containersOf, dockerEnv, sharedDaemon } from "./testing/docker.ts";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(60_000);

/** Every step of an attempt's life at which something can die; `container …` ones are Docker's alone. */
const PREPARING = ["scratch made", "code copied", "image ready"] as const;
const STARTING = ["starting", "container created", "started"] as const;
const RUNNING = ["running", "stopping"] as const;
const ENDING = ["container ended", "killed", "exited", "judged", "ended"] as const;
const POINTS = [...PREPARING, ...STARTING, ...RUNNING, ...ENDING];

const LINES = 12;
const SCRIPT = `
import time
import podium
for step in range(${LINES}):
    print("line", step)
    podium.report(step=step, loss=step)
    time.sleep(0.02)
`;
/** For a stop: it goes on until it is told to end. */
const ENDLESS = `
import time
import podium
podium.bind(save=lambda path: open(path + "/w", "w").write("x"))
print("up")
while True:
    podium.report(loss=1)
    time.sleep(0.05)
`;

let hub: TestHub;
let runner: TestRunner;

beforeEach(() => {
  hub = new TestHub();
});
afterEach(async () => {
  await runner.dispose();
  await hub.close();
  expect(hub.violations).toEqual([]);
});

/** Runs an attempt that reaches the point, and returns when the runner stands there. */
async function runTo(point: string): Promise<Assignment> {
  await runner.start({ PODIUM_FAULT_POINT: point });
  const script = point === "stopping" ? ENDLESS : SCRIPT;
  const assignment = hub.assign(script, { args: ["word-crash"], grace_ms: 500 });
  if (point === "stopping") {
    await hub.until("it runs", () => hub.log(assignment.attempt_id).length > 0);
    hub.change(assignment, { desired: "stop" });
  }
  await hub.until("the point is reached", () => runner.output.includes(`"fault_point":"${point}"`));
  return assignment;
}

/** What an attempt that was disturbed at the point must have come to, when the platform was at no fault. */
function expectAll(point: string, assignment: Assignment, report: AttemptReport) {
  const { attempt_id } = assignment;
  expect(report.failure).toBeNull();
  if (point === "stopping") return expect(hub.log(attempt_id)[0]).toBe("up");
  const steps = Array.from({ length: LINES }, (_, step) => step);
  expect(report.exit_code).toBe(0);
  expect(hub.log(attempt_id)).toEqual(steps.map((step) => `line ${step}`));
  expect(hub.recordsOf(attempt_id, "metric").map(({ step }) => step)).toEqual(steps);
}

/** The hub lets go of the attempt: then no container, mount, process, folder or file of it is left. */
async function expectNothingLeft(point: string, assignment: Assignment, host: string | null) {
  hub.drop(assignment.attempt_id);
  await hub.until("it is forgotten", () => hub.reports.size === 0);
  expect(readdirSync(join(runner.data, "attempts"))).toEqual([]);
  expect(readdirSync(join(runner.data, "tmp"))).toEqual([]);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(runner.data);
  expect(TestRunner.alive("word-crash")).toEqual([]);
  if (host !== null) expect(containersOf(host, runner.data)).toEqual([]);
  if (point !== "code copied") return;
  // What the cache holds is whole: the next session runs from it without a byte of the hub's.
  const served = hub.servedBlobs;
  const again = hub.assign(SCRIPT);
  expect(await hub.ended(again)).toMatchObject({ exit_code: 0 });
  expect(hub.servedBlobs).toBe(served);
}

describe("the runner is killed at any step: processes", () => {
  for (const point of POINTS.filter((name) => !name.startsWith("container "))) {
    test(point, async () => {
      const env = { PODIUM_SANDBOX: requires("bubblewrap").available ? "bubblewrap" : "none" };
      runner = await TestRunner.create(hub, env);
      const assignment = await runTo(point);
      await runner.kill();
      await runner.start();
      expectAll(point, assignment, await hub.ended(assignment));
      await expectNothingLeft(point, assignment, null);
    });
  }
});

const { available, reason } = requires("docker");
const skipped = available ? "" : ` (skipped: ${reason})`;
const isSkipped = !available && Bun.env["CI"] !== "true";

describe.skipIf(isSkipped)(`the runner is killed at any step: Docker${skipped}`, () => {
  for (const point of POINTS) {
    test(point, async () => {
      const host = await sharedDaemon();
      runner = await TestRunner.create(hub, await dockerEnv(host));
      const assignment = await runTo(point);
      await runner.kill();
      await runner.start();
      expectAll(point, assignment, await hub.ended(assignment));
      await expectNothingLeft(point, assignment, host);
    });
  }
});

const canKillDaemons = available && process.getuid?.() === 0 && Bun.which("dockerd") !== null;

for (const keeps of [false, true]) {
  const title = `Docker is killed at any step, ${keeps ? "with" : "without"} live-restore${skipped}`;
  describe.skipIf(!canKillDaemons && Bun.env["CI"] !== "true")(title, () => {
    let daemon: DockerDaemon | null = null;
    let env: Record<string, string> = {};

    async function ownDaemon(): Promise<DockerDaemon> {
      if (daemon) return daemon;
      daemon = await DockerDaemon.start(keeps ? ["--live-restore"] : []);
      env = await dockerEnv(daemon.host);
      return daemon;
    }
    afterAll(async () => {
      await daemon?.dispose();
    });

    for (const point of [
      "code copied",
      "image trial",
      "image ready",
      "container created",
      "started",
      "stopping",
      "container ended",
    ]) {
      test(point, async () => {
        const { host } = await ownDaemon();
        runner = await TestRunner.create(hub, env);
        const assignment = await runTo(point);
        await daemon?.kill();
        process.kill(runner.pid, "SIGUSR2");
        await daemon?.start();
        const report = await hub.ended(assignment);
        // Only what ran while Docker was killed can have gone with it; and then it is said so, for another try.
        if (point === "started" && report.failure) {
          expect(keeps).toBe(false);
          expect(report.failure).toMatchObject({ code: "node_lost" });
          expect(report.failure.message).toContain("Docker was restarted");
        } else expectAll(point, assignment, report);
        await expectNothingLeft(point, assignment, host);
      });
    }

    test("in the middle of a long run, with no line lost", async () => {
      const { host } = await ownDaemon();
      runner = await TestRunner.create(hub, env);
      await runner.start();
      const assignment = hub.assign(SCRIPT.replace("0.02", "0.3").replace(`range(${LINES})`, "range(30)"));
      await hub.until("it runs", () => hub.log(assignment.attempt_id).length > 2);
      await daemon?.kill();
      const seen = hub.log(assignment.attempt_id).length;
      // Its output does not pass through the daemon: it arrives while there is none.
      await hub.until("it goes on", () => hub.log(assignment.attempt_id).length > seen + 2);
      await daemon?.start();
      const { failure, exit_code } = await hub.ended(assignment);
      const log = hub.log(assignment.attempt_id);
      expect(log).toEqual(Array.from({ length: log.length }, (_, step) => `line ${step}`));
      if (keeps) {
        expect([failure, exit_code, log.length]).toEqual([null, 0, 30]);
      } else {
        expect(failure).toMatchObject({ code: "node_lost" });
        expect(failure?.message).toContain("Docker was restarted");
      }
      await expectNothingLeft("running", assignment, host);
    });
  });
}
