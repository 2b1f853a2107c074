import { afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { resourcesSchema } from "@podium/shared";
import { requires } from "../../../scripts/testing/requires.ts";
import { dockerEnv, sharedDaemon } from "./testing/docker.ts";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(30_000);

const MIB = 1024 ** 2;

const inCi = Bun.env["CI"] === "true";

/** What a session must not depend on: whether it runs plainly, in bubblewrap or in a container. */
const SANDBOXES = ["none", "bubblewrap", "docker"] as const;

async function sandboxEnv(sandbox: (typeof SANDBOXES)[number]): Promise<Record<string, string>> {
  return sandbox === "docker" ? dockerEnv(await sharedDaemon()) : { PODIUM_SANDBOX: sandbox };
}

for (const sandbox of SANDBOXES) {
  const { available, reason } = sandbox === "none" ? { available: true, reason: "" } : requires(sandbox);
  const title = available ? `sandbox: ${sandbox}` : `sandbox: ${sandbox} (skipped: ${reason})`;

  describe.skipIf(!available && !inCi)(title, () => {
    let hub: TestHub;
    let runner: TestRunner;
    let env: Record<string, string>;

    beforeAll(async () => {
      env = await sandboxEnv(sandbox);
    });
    beforeEach(async () => {
      hub = new TestHub();
      runner = await TestRunner.create(hub, env);
    });
    afterEach(async () => {
      await runner.dispose();
      await hub.close();
      expect(hub.violations).toEqual([]);
    });

    test("log, metrics and checkpoints arrive complete and in order", async () => {
      await runner.start();
      const session = hub.assign(TRAIN, { args: ["--epochs", "3"] });
      expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });

      const { attempt_id } = session;
      const steps = Array.from({ length: 50 }, (_, step) => step);
      expect(hub.log(attempt_id)).toEqual([...steps.map((step) => `step ${step}`), "done ['--epochs', '3']"]);
      expect(hub.recordsOf(attempt_id, "metric").map(({ step }) => step)).toEqual([...steps, 50]);
      expect(hub.recordsOf(attempt_id, "metric").at(-1)).toMatchObject({
        summary: true,
        values: { loss: null },
      });
      const [checkpoint] = hub.recordsOf(attempt_id, "checkpoint");
      expect(checkpoint).toMatchObject({
        name: "best",
        entries: [{ path: "weights.txt", size: 100, mode: 0o644 }],
      });
      expect(await readdir(join(runner.data, "attempts"))).toEqual([attempt_id]);
      hub.drop(attempt_id);
      await hub.until("the attempt is forgotten", () => hub.reports.size === 0);
      expect(await readdir(join(runner.data, "attempts"))).toEqual([]);
    });

    test("a checkpoint of one's own and of another session can be loaded", async () => {
      hub.checkpoints.set("bob/movies/7:best", hub.addTree({ "weights.txt": "bob's" }));
      await runner.start();
      const session = hub.assign(LOADS);
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id)).toEqual(["mine", "bob's", "refused: test hub: not_found"]);
    });

    test("the runner is killed in the middle and restarted: nothing is missing, nothing is there twice", async () => {
      await runner.start();
      const session = hub.assign(LONG);
      await hub.until("some steps are there", () => hub.recordsOf(session.attempt_id, "metric").length > 3);
      await runner.kill();
      await Bun.sleep(300);
      await runner.start();
      expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
      const steps = Array.from({ length: 40 }, (_, step) => step);
      expect(hub.recordsOf(session.attempt_id, "metric").map(({ step }) => step)).toEqual(steps);
      expect(hub.log(session.attempt_id)).toEqual(steps.map((step) => `line ${step}`));
    });

    test("a session that ends while no runner is there is finished by the next one", async () => {
      await runner.start();
      const session = hub.assign("import time\nprint('a')\ntime.sleep(0.5)\nprint('b', end='')\nexit(3)");
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      await runner.kill();
      await Bun.sleep(1_000);
      await runner.start();
      expect(await hub.ended(session)).toMatchObject({
        exit_code: 3,
        failure: { code: "user_error", message: "The script exited with code 3: b" },
      });
      expect(hub.log(session.attempt_id)).toEqual(["a", "b"]);
    });

    test("a stop gives the session time to save, then no process of it is left", async () => {
      await runner.start();
      const session = hub.assign(STOPPABLE, { args: [`word-${sandbox}-stop`], grace_ms: 10_000 });
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      hub.change(session, { desired: "stop", stop_reason: "by its owner" });
      expect(await hub.ended(session)).toMatchObject({ failure: null, exit_code: 143 });
      expect(hub.recordsOf(session.attempt_id, "checkpoint")).toHaveLength(1);
      // What the script says of it may be cut off by its end: the runner's own word is not.
      expect(hub.log(session.attempt_id)).toContain("[podium] It has saved the checkpoint 'preempted'.");
      expect(TestRunner.alive(`word-${sandbox}-stop`)).toEqual([]);
    });

    test("what the hub says is wrong with a session stands in its log, once for each thing", async () => {
      await runner.start();
      const session = hub.assign("import time\nprint('up', flush=True)\ntime.sleep(60)");
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      for (const notice of ["It holds a GPU.", "It holds a GPU.", null, "It does nothing."]) {
        hub.change(session, { notice });
      }
      const said = ["up", "[podium] It holds a GPU.", "[podium] It does nothing."];
      await hub.until("it is said", () => hub.log(session.attempt_id).length >= said.length);
      expect(hub.log(session.attempt_id)).toEqual(said);
      hub.change(session, { desired: "stop" });
      await hub.ended(session);
    });

    test("a session that ignores SIGTERM is killed when its grace is over", async () => {
      await runner.start();
      const script =
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up')\ntime.sleep(60)";
      const session = hub.assign(script, { grace_ms: 300, args: [`word-${sandbox}-deaf`] });
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      hub.change(session, { desired: "stop" });
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(TestRunner.alive(`word-${sandbox}-deaf`)).toEqual([]);
    });

    test("children that fork, leave the session and wipe their environment are found and killed", async () => {
      await runner.start();
      const session = hub.assign(FORKS, { args: [`word-${sandbox}-fork`] });
      await hub.until("they are up", () => hub.log(session.attempt_id).includes("forked"));
      expect(TestRunner.alive(`word-${sandbox}-fork`).length).toBeGreaterThan(3);
      hub.drop(session.attempt_id);
      await hub.until("the attempt is forgotten", () => hub.reports.size === 0);
      expect(TestRunner.alive(`word-${sandbox}-fork`)).toEqual([]);
    });

    test("more memory than the limit: killed, with the limit and what was used in the message", async () => {
      await runner.start();
      const script = "import time\nprint('up')\nhog = bytearray(200 * 2**20)\ntime.sleep(60)";
      const resources = resourcesSchema.parse({ memory_bytes: 100 * MIB });
      const report = await hub.ended(hub.assign(script, { resources }));
      expect(report.failure).toMatchObject({ code: "out_of_memory" });
      // In a container the kernel holds it to its limit; elsewhere it is seen beyond it.
      expect(report.failure?.message).toMatch(
        sandbox === "docker"
          ? /^The session reached its memory limit of 100 MiB and was killed\.$/
          : /^The session used \d{3} MiB of memory; its limit is 100 MiB\.$/,
      );
    });

    test("more on the disk than the limit: the session ends, told the limit and what to do", async () => {
      await runner.start();
      const script = `import time
with open("/tmp/hog" if ${sandbox !== "none" ? "True" : "False"} else "hog", "wb") as hog:
    for _ in range(64):
        hog.write(bytes(range(256)) * 4096)
        hog.flush()
time.sleep(30)`;
      const resources = resourcesSchema.parse({ disk_bytes: 32 * MIB });
      const { failure } = await hub.ended(hub.assign(script, { resources }));
      expect(failure?.code).toBe("disk_full");
      expect(failure?.message).toStartWith("The session filled its disk; its limit is 32 MiB.");
      expect(failure?.hint).toContain("--disk");
    });

    test("code that is larger than the disk that was asked for is told so", async () => {
      await runner.start();
      const resources = resourcesSchema.parse({ disk_bytes: 16 * MIB });
      const code_tree = hub.addTree({ "main.py": "", "large.bin": new Uint8Array(40 * MIB).fill(7) });
      const { failure } = await hub.ended(hub.assign("", { resources, code_tree }));
      expect(failure).toMatchObject({ code: "disk_full" });
    });

    test("longer than the time limit: stopped as a timeout", async () => {
      await runner.start();
      const report = await hub.ended(
        hub.assign("import time\ntime.sleep(60)", { timeout_ms: 1000, grace_ms: 100 }),
      );
      expect(report.failure).toMatchObject({
        code: "timeout",
        message: "The session ran longer than its time limit of 1 s.",
      });
    });

    test("too many processes: killed with the bound in the message", async () => {
      await runner.start({ PODIUM_MAX_PROCESSES: "20" });
      const script = `import os, time
children = 0
try:
    for _ in range(60):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        children += 1
except OSError:
    print("refused")
print("up")
time.sleep(3)
raise RuntimeError("no more processes" if children < 25 else "no bound")`;
      const { failure } = await hub.ended(hub.assign(script));
      expect(failure?.code).toBe("user_error");
      expect(failure?.message).toMatch(/20 are allowed|no more processes/);
    });

    test("an exception is the user's error, with the place where it happened", async () => {
      await runner.start();
      const { failure, exit_code } = await hub.ended(
        hub.assign("import podium\n\nraise ValueError('bad rows')"),
      );
      expect(exit_code).toBe(1);
      expect(failure).toMatchObject({ code: "user_error", location: "main.py:3" });
      expect(failure?.message).toContain("bad rows");
    });

    test("a crash of the interpreter names the signal", async () => {
      await runner.start();
      const { failure } = await hub.ended(
        hub.assign("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"),
      );
      expect(failure?.message).toContain("SIGSEGV");
    });

    test("infer: the predictions come back as the session's output", async () => {
      await runner.start();
      const kind = "infer" as const;
      const session = hub.assign(INFER, {
        session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/movies/2", kind },
        checkpoint: { name: "best", tree_id: hub.addTree({ "weights.txt": "10" }) },
        input: { tree_id: hub.addTree({ "rows.jsonl": '{"id":1,"x":2}\n{"id":2,"x":5}\n' }), id_field: "id" },
      });
      expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
      const [output] = hub.recordsOf(session.attempt_id, "output");
      const file = output?.entries.find((entry) => entry.path === "predictions.jsonl");
      const text = new TextDecoder().decode(hub.blobs.get(file?.sha256 ?? ""));
      const rows = text.trim().split("\n");
      expect(rows.map((row) => JSON.parse(row))).toEqual([
        { id: 1, prediction: 20 },
        { id: 2, prediction: 50 },
      ]);
    });

    test("infer without predictions is the user's error and says what to do", async () => {
      await runner.start();
      const kind = "infer" as const;
      const session = hub.assign("import os\nos._exit(0)", {
        session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/movies/2", kind },
      });
      const { failure } = await hub.ended(session);
      expect(failure).toMatchObject({
        code: "user_error",
        message: "The script ended without writing predictions.jsonl.",
      });
    });

    test("datasets lie where the environment says, and nothing of the runner's environment leaks in", async () => {
      await runner.start({ SECRET_OF_THE_RUNNER: "x" });
      const tree_id = hub.addTree({ "train/train_data": "a,b\n", "readme.txt": "hi" });
      const session = hub.assign(LOOKS_AROUND, {
        datasets: [
          { name: "movies", tree_id, size_bytes: 6 },
          { name: "seas", tree_id: hub.addTree({ "depths.csv": "1,2\n" }), size_bytes: 4 },
        ],
      });
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      const [dataset, name, leaked, gpus, files, all, inherited] = hub.log(session.attempt_id);
      if (sandbox !== "none") expect(dataset).toBe("/data/movies");
      expect([name, leaked, gpus]).toEqual(["movies", "None", "''"]);
      expect(files).toBe("['readme.txt', 'train']");
      expect(all).toBe("[('movies', ['readme.txt', 'train']), ('seas', ['depths.csv'])]");
      expect(inherited).toBe("[]");
    });

    test("Ctrl-C of the runner leaves no process, and the hub hears why", async () => {
      await runner.start();
      const session = hub.assign("import time\nprint('up')\ntime.sleep(60)", {
        args: [`word-${sandbox}-exit`],
      });
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      expect(await runner.stop()).toBe(0);
      expect(TestRunner.alive(`word-${sandbox}-exit`)).toEqual([]);
      expect(hub.report(session.attempt_id)).toMatchObject({
        state: "ended",
        failure: { code: "node_lost" },
      });
    });
  });
}

const TRAIN = `
import os, sys
import podium
def save(path, **kw):
    open(os.path.join(path, "weights.txt"), "w").write("w" * 100)
podium.bind(save=save)
for step in range(50):
    print("step", step)
    podium.report(step=step, loss=1.0 / (step + 1))
podium.report(summary=True, step=50, loss=float("nan"))
podium.save("best")
print("done", sys.argv[1:])
`;

const LOADS = `
import os
import podium
def save(path):
    open(os.path.join(path, "weights.txt"), "w").write("mine")
def load(path):
    print(open(os.path.join(path, "weights.txt")).read())
podium.bind(save=save, load=load)
podium.save("best")
podium.load("best")
podium.load("best", session="bob/movies/7")
try:
    podium.load("worst")
except Exception as error:
    print("refused:", error)
`;

const LONG = `
import time
import podium
for step in range(40):
    print("line", step)
    podium.report(step=step, loss=step)
    time.sleep(0.03)
`;

const STOPPABLE = `
import os, time
import podium
podium.bind(save=lambda path: open(os.path.join(path, "w"), "w").write("x"))
print("up")
while True:
    podium.report(loss=1)
    time.sleep(0.05)
`;

const FORKS = `
import os, subprocess, sys, time
word = sys.argv[1]
for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.3)
            os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", word], {})
        os._exit(0)
time.sleep(0.1)
print("forked")
time.sleep(60)
`;

const INFER = `
import os
import podium
weight = 1
def load(path):
    global weight
    weight = int(open(os.path.join(path, "weights.txt")).read())
def infer(rows):
    return [row["x"] * weight for row in rows]
podium.bind(load=load, infer=infer)
podium.paused()
`;

const LOOKS_AROUND = `
import os
print(os.environ["PODIUM_DATASET_PATH"])
print(os.environ["NSML_DATASET_NAME"])
print(os.environ.get("SECRET_OF_THE_RUNNER"))
print(repr(os.environ["CUDA_VISIBLE_DEVICES"]))
print(sorted(os.listdir(os.environ["PODIUM_DATASET_PATH"])))
import podium
assert list(podium.DATASETS.items())[0] == (podium.DATASET_NAME, podium.DATASET_PATH)
print([(name, sorted(os.listdir(path))) for name, path in podium.DATASETS.items()])
open("beside.txt", "w").write("the code folder is writable")
open_files = [os.readlink(f"/proc/self/fd/{fd}") for fd in range(20) if os.path.exists(f"/proc/self/fd/{fd}")]
print([name for name in open_files if not name.startswith(("socket:", "/dev/null")) and "output.log" not in name])
`;
