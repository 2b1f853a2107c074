import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(30_000);

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

const STEPS = `
import time
import podium
podium.bind(save=lambda path: open(path + "/w", "w").write("x"))
for step in range(30):
    podium.report(step=step, loss=step)
    time.sleep(0.02)
podium.save("last")
`;

test("the hub is away while a session runs and ends: nothing is lost, and `ended` comes after everything", async () => {
  await runner.start();
  const session = hub.assign(STEPS);
  await hub.until("it runs", () => hub.recordsOf(session.attempt_id, "metric").length > 2);
  hub.goDown();
  await Bun.sleep(1_500);
  hub.comeBack();
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  const steps = hub.recordsOf(session.attempt_id, "metric").map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 30 }, (_, step) => step));
  expect(hub.recordsOf(session.attempt_id, "checkpoint")).toHaveLength(1);
});

test("runner and hub are both away: what was acknowledged to the session still arrives", async () => {
  await runner.start();
  const session = hub.assign(STEPS);
  await hub.until("it runs", () => hub.recordsOf(session.attempt_id, "metric").length > 2);
  hub.goDown();
  await Bun.sleep(300);
  await runner.kill();
  hub.comeBack();
  await runner.start();
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  expect(hub.recordsOf(session.attempt_id, "metric")).toHaveLength(30);
});

test("killed again and again at any moment: every record once, in order, no checkpoint missing", async () => {
  await runner.start();
  const session = hub.assign(`
import time
import podium
podium.bind(save=lambda path: open(path + "/w", "w").write("x" * 5000))
for step in range(150):
    print("line", step)
    podium.report(step=step, loss=step)
    if step % 10 == 9:
        podium.save(step)
    time.sleep(0.02)
`);
  // Uneven waits, so that the deaths hit start-up, adoption, spooling, saving and sending.
  for (const waitMs of [380, 210, 640, 290, 530, 450, 700]) {
    await Bun.sleep(waitMs);
    await runner.kill();
    await runner.start();
  }
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  const steps = Array.from({ length: 150 }, (_, step) => step);
  expect(hub.recordsOf(session.attempt_id, "metric").map(({ step }) => step)).toEqual(steps);
  expect(hub.log(session.attempt_id)).toEqual(steps.map((step) => `line ${step}`));
  const names = steps.filter((step) => step % 10 === 9).map(String);
  expect(hub.recordsOf(session.attempt_id, "checkpoint").map(({ name }) => name)).toEqual(names);
});

test("an attempt whose epoch is stale is killed and forgotten", async () => {
  await runner.start();
  const session = hub.assign("import time\nwhile True:\n    print('up')\n    time.sleep(0.3)", {
    args: ["word-stale"],
  });
  await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
  hub.stale.add(session.attempt_id);
  await hub.until("it is stopped", () => hub.report(session.attempt_id)?.state !== "running");
  hub.drop(session.attempt_id);
  await hub.until("it is forgotten", () => hub.reports.size === 0);
  expect(TestRunner.alive("word-stale")).toEqual([]);
});

test("an attempt that the hub does not list is killed after a restart too", async () => {
  await runner.start();
  const session = hub.assign("import time\nprint('up')\ntime.sleep(60)", { args: ["word-unlisted"] });
  await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
  await runner.kill();
  hub.drop(session.attempt_id);
  expect(TestRunner.alive("word-unlisted").length).toBeGreaterThan(0);
  await runner.start();
  await hub.until(
    "it is forgotten",
    () => hub.reports.size === 0 && TestRunner.alive("word-unlisted").length === 0,
  );
});

test("damaged blobs are fetched again; a blob that the hub does not have fails the preparation", async () => {
  await runner.start();
  hub.damageNext = 2;
  expect(await hub.ended(hub.assign("print('fine')"))).toMatchObject({ exit_code: 0 });
  const broken = hub.assign("print('never')", { attempt_id: "att_0198c0de0198c0de0198c0de0198c0de" });
  hub.drop(broken.attempt_id);
  const session = {
    ...broken,
    attempt_id: "att_0198c0de0198c0de0198c0de0198c0df",
    code_tree: "0".repeat(64),
  } as const;
  hub.assignments.set(session.attempt_id, session);
  hub.push();
  const { failure, final_seq } = await hub.ended(session);
  expect(failure).toMatchObject({ code: "prepare_failed", message: "test hub: not_found" });
  expect(final_seq).toBe(0);
});

test("a dataset is fetched once and shared by later sessions", async () => {
  await runner.start();
  const tree_id = hub.addTree({ "data.bin": "d".repeat(100_000) });
  const script = "import os\nprint(os.path.getsize(os.environ['PODIUM_DATASET_PATH'] + '/data.bin'))";
  const datasets = [{ name: "d", tree_id, size_bytes: 100_000 }];
  await hub.ended(hub.assign(script, { datasets }));
  const served = hub.servedBlobs;
  const second = hub.assign(script, { datasets });
  expect(await hub.ended(second)).toMatchObject({ failure: null });
  expect(hub.log(second.attempt_id)).toEqual(["100000"]);
  expect(hub.servedBlobs).toBe(served);
});

const SAVES_MUCH = `
import podium
def save(path):
    for index in range(50):
        open(f"{path}/small-{index}", "w").write(f"part {index}")
    open(path + "/empty", "w")
    with open(path + "/medium", "wb") as file:
        file.write(bytes(3 << 20))
    with open(path + "/large", "wb") as file:
        for index in range(20):
            file.write(bytes([index]) * (1 << 20))
podium.bind(save=save)
podium.save("last")
`;

test("a checkpoint of small and large files arrives whole, though the runner is killed while it is sent", async () => {
  await runner.start();
  const session = hub.assign(SAVES_MUCH);
  await hub.until("a part has arrived", () => hub.blobs.size > 10);
  await runner.kill();
  await runner.start();
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  const [checkpoint] = hub.recordsOf(session.attempt_id, "checkpoint");
  const sizes = Object.fromEntries(
    checkpoint?.entries.map(({ path, sha256 }) => [path, hub.blobs.get(sha256)?.byteLength]) ?? [],
  );
  expect(Object.keys(sizes)).toHaveLength(53);
  expect(sizes).toMatchObject({ "small-7": 6, empty: 0, medium: 3 * 1024 ** 2, large: 20 * 1024 ** 2 });
});

test("a large file of a dataset that breaks off is gone on with, though the runner is killed", async () => {
  const bytes = new Uint8Array(12 * 1024 ** 2).fill(5);
  const tree_id = hub.addTree({ "data.bin": bytes, "small.txt": "small" });
  hub.breakAfter = 4 * 1024 ** 2;
  await runner.start();
  const script = "import os\nprint(os.path.getsize(os.environ['PODIUM_DATASET_PATH'] + '/data.bin'))";
  const session = hub.assign(script, { datasets: [{ name: "d", tree_id, size_bytes: bytes.byteLength }] });
  await hub.until("it was gone on with", () => hub.offsets.some((offset) => offset > 0));
  await runner.kill();
  hub.breakAfter = Number.POSITIVE_INFINITY;
  await runner.start();
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  expect(hub.log(session.attempt_id)).toEqual([String(bytes.byteLength)]);
  expect(hub.offsets.at(-1)).toBeGreaterThan(0);
});

test("a script that is not there is named", async () => {
  await runner.start();
  const { failure } = await hub.ended(hub.assign("", { entrypoint: "../../etc/passwd" }));
  expect(failure).toMatchObject({
    code: "prepare_failed",
    message: 'There is no file "../../etc/passwd" in the session\'s code.',
  });
});

test("more log than the bound: the session is stopped and told", async () => {
  await runner.start({ PODIUM_MAX_LOG_BYTES: String(1024 * 1024) });
  const { failure } = await hub.ended(hub.assign("while True: print('x' * 100_000)"));
  expect(failure).toMatchObject({ code: "user_error", message: "The session wrote more than 1 MiB of log." });
});

test("a runner that may leave its sessions alone does so, and the next one takes them over", async () => {
  await runner.start({ PODIUM_ON_EXIT: "leave" });
  const session = hub.assign("import time\nprint('a')\ntime.sleep(1.5)\nprint('b')");
  await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
  expect(await runner.stop()).toBe(0);
  await runner.start();
  expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
  expect(hub.log(session.attempt_id)).toEqual(["a", "b"]);
});

test("the runner ends with the program that started it, and its sessions with it", async () => {
  await runner.start();
  const session = hub.assign("import time\nprint('up')\ntime.sleep(60)", { args: ["word-orphan"] });
  await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
  expect(await runner.losesParent()).toBe(0);
  expect(TestRunner.alive("word-orphan")).toEqual([]);
});

test.each([
  ["a missing hub address", { HUB_URL: "" }, "HUB_URL"],
  ["a wrong join token", { PODIUM_JOIN_TOKEN: "wrong" }, "did not let this node join"],
  ["no join token at the first start", { PODIUM_JOIN_TOKEN: "" }, "PODIUM_JOIN_TOKEN"],
  ["a Python that is not there", { PODIUM_PYTHON: "python-of-nowhere" }, "python-of-nowhere"],
  [
    "a data folder that can't be made",
    { PODIUM_RUNNER_DATA: "/proc/podium" },
    "PODIUM_RUNNER_DATA (/proc/podium)",
  ],
])("%s is one clear line and exit code 1", async (_what, env, said) => {
  const started = await runner.start({ ...env, LOG_LEVEL: "silent" });
  expect(await started.exited).toBe(1);
  await Bun.sleep(50);
  const lines = runner.output.trim().split("\n");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(said);
});

test("a hub that is not there yet is told once, and the runner goes on trying", async () => {
  await runner.start({ HUB_URL: "http://127.0.0.1:9" });
  await hub.until("it says what it waits for", () => runner.output.includes("the hub does not answer"));
  await Bun.sleep(500);
  expect(runner.output.split("the hub does not answer")).toHaveLength(2);
  expect(await runner.stop()).toBe(0);
});

test("two runners on one data folder: the second says so and ends", async () => {
  await runner.start();
  await hub.until("the first is up", () => runner.output.includes("connected"));
  const second = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
    env: { PATH: Bun.env["PATH"] ?? "", HUB_URL: hub.url, PODIUM_RUNNER_DATA: runner.data },
    stdout: "ignore",
    stderr: "pipe",
  });
  expect(await second.exited).toBe(1);
  expect(await new Response(second.stderr).text()).toContain("is in use by the runner with pid");
});

test("an attempt's folder without a readable state is cleared away", async () => {
  const left = join(runner.data, "attempts", "att_0198c0de0198c0de0198c0de0198c0de");
  await mkdir(left, { recursive: true });
  await mkdir(join(runner.data, "tmp"), { recursive: true });
  await writeFile(join(left, "state.json"), "{");
  await runner.start();
  await hub.until("the runner is up", () => runner.output.includes("connected"));
  expect(await hub.ended(hub.assign("print(1)"))).toMatchObject({ exit_code: 0 });
  expect(hub.reports.size).toBe(1);
});
