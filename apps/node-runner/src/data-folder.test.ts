import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { resourcesSchema } from "@podium/shared";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(30_000);

const MAIN = join(import.meta.dir, "main.ts");

let hub: TestHub;
let runner: TestRunner;
beforeEach(async () => {
  hub = new TestHub();
  runner = await TestRunner.create(hub);
});
afterEach(async () => {
  await runner.dispose();
  await hub.close();
  expect(hub.violations).toEqual([]);
});

test("a data folder that is a link to another disk works like any other, and nothing stays mounted in it", async () => {
  const link = `${runner.data}-link`;
  symlinkSync(runner.data, link);
  await runner.start({ PODIUM_RUNNER_DATA: link });
  const resources = resourcesSchema.parse({ disk_bytes: 32 * 1024 ** 2 });
  const session = hub.assign("print(1)", { resources });
  expect(await hub.ended(session)).toMatchObject({ failure: null });
  hub.drop(session.attempt_id);
  await hub.until("it is forgotten", () => hub.reports.size === 0);
  expect(await runner.stop()).toBe(0);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(runner.data);
  unlinkSync(link);
});

test("a runner whose pids are others, as in a container, is refused the folder; a killed one's is free", async () => {
  await runner.start();
  await hub.until("the first is up", () => runner.output.includes("connected"));
  const apart = process.getuid?.() === 0 ? ["unshare", "--pid", "--fork", "--mount-proc"] : [];
  const second = Bun.spawn([...apart, process.execPath, MAIN], {
    env: { PATH: Bun.env["PATH"] ?? "", HUB_URL: hub.url, PODIUM_RUNNER_DATA: runner.data },
    stdout: "ignore",
    stderr: "pipe",
  });
  expect(await second.exited).toBe(1);
  expect(await new Response(second.stderr).text()).toContain(`in use by the runner with pid ${runner.pid}`);

  const session = hub.assign("import time\nprint('up')\ntime.sleep(60)");
  await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
  await runner.kill();
  await runner.start();
  await hub.until("it is taken over", () => runner.output.includes("a running session was taken over"));
});
