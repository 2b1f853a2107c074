import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Assignment } from "@podium/shared";
import { type Files, greet, keyOf } from "../testing/environment.ts";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";
import { wheel } from "../testing/wheel.ts";

setDefaultTimeout(60_000);

const inCi = Bun.env["CI"] === "true";
const MIB = 1024 ** 2;
/** No test may depend on what the network has: packages come from wheels in the code. */
const OFFLINE = { PODIUM_BUILD_NETWORK: "none", PODIUM_PIP_NO_INDEX: "1" };
const SANDBOXES = ["none", "bubblewrap"] as const;

for (const sandbox of SANDBOXES) {
  const isMissing = sandbox === "bubblewrap" && Bun.which("bwrap") === null;
  const title = `environments, sandbox: ${sandbox}${isMissing ? " (skipped: bwrap is not installed)" : ""}`;

  describe.skipIf(isMissing && !inCi)(title, () => {
    let hub: TestHub;
    let runner: TestRunner;

    beforeEach(async () => {
      hub = new TestHub();
      hub.waitMs = 50_000;
      runner = await TestRunner.create(hub, { PODIUM_SANDBOX: sandbox, ...OFFLINE });
    });
    afterEach(async () => {
      await runner.dispose();
      await hub.close();
      expect(hub.violations).toEqual([]);
    });

    /** Assigns a script with files beside it, in the environment that the hub would name for them. */
    function assign(script: string, files: Files, overrides: Partial<Assignment> = {}): Assignment {
      const code_tree = hub.addTree({ "main.py": script, ...files });
      return hub.assign(script, { code_tree, environment: keyOf(hub, code_tree), ...overrides });
    }
    const built = async () =>
      (await readdir(join(runner.data, "environments"))).map((name) => name.slice(0, 64)).sort();
    const builds = (session: Assignment) =>
      hub.log(session.attempt_id).filter((line) => line.startsWith("[podium] Building")).length;

    test("a wheel of the code is installed once, and the next session with the same files finds it", async () => {
      await runner.start();
      const files = { "requirements.txt": "./wheels/greet-1.0-py3-none-any.whl\n", ...greet() };
      const script = "import greet, sys\nprint(greet.hello(), sys.prefix != sys.base_prefix)";
      const first = assign(script, files);
      expect(await hub.ended(first)).toMatchObject({ failure: null });
      expect(hub.log(first.attempt_id).at(-1)).toBe("hello from 1.0 True");
      expect(builds(first)).toBe(1);
      const key = first.environment ?? "";
      await hub.until("the node says so", () => hub.environments.some((each) => each.key === key));
      expect(hub.environments[0]?.build_seconds).toBeGreaterThan(0);

      const second = assign("import greet\nprint(greet.hello(), 'again')", files);
      expect(await hub.ended(second)).toMatchObject({ failure: null });
      expect(hub.log(second.attempt_id)).toEqual(["hello from 1.0 again"]);

      const third = assign(script, {
        ...files,
        "requirements.txt": `# changed\n${files["requirements.txt"]}`,
      });
      expect(await hub.ended(third)).toMatchObject({ failure: null });
      expect(builds(third)).toBe(1);
      expect(await built()).toEqual([key, third.environment ?? ""].sort());
    });

    test("what can't be installed fails the session with its line, its log is shown, and nothing of it is kept", async () => {
      await runner.start();
      const files = {
        "requirements.txt": "# ours\n./wheels/greet-1.0-py3-none-any.whl\nnosuch-package==1.0\n",
        ...greet(),
      };
      for (let time = 1; time <= 2; time++) {
        const session = assign("print('never')", files);
        expect((await hub.ended(session)).failure).toMatchObject({
          code: "prepare_failed",
          message: "requirements.txt line 3: No matching distribution found for nosuch-package==1.0",
        });
        expect(hub.log(session.attempt_id).join("\n")).toContain("ERROR: No matching distribution found");
        expect(hub.log(session.attempt_id)).not.toContain("never");
        expect(builds(session)).toBe(1);
      }
      expect(await built()).toEqual([]);
    });

    test("two sessions that need the same at once share a build, which outlives the one that began it", async () => {
      await runner.start();
      const files = { "setup.py": SLOW_SETUP, ...greet() };
      const first = assign("print('first')", files);
      await hub.until("it is being built", () => hub.log(first.attempt_id).includes("slow"));
      const second = assign("import greet\nprint(greet.hello())", files);
      await hub.until("the other waits for it too", () => hub.log(second.attempt_id).includes("slow"));
      hub.change(first, { desired: "stop", stop_reason: "by its owner" });
      expect(await hub.ended(first)).toMatchObject({ failure: null, started_at: null });
      expect(hub.log(first.attempt_id)).not.toContain("first");
      expect(await hub.ended(second)).toMatchObject({ failure: null });
      expect(hub.log(second.attempt_id).at(-1)).toBe("hello from 1.0");
      expect([builds(first), builds(second)]).toEqual([1, 1]);
      expect(hub.log(second.attempt_id).filter((line) => line === "slow")).toHaveLength(1);
      expect(await built()).toEqual([second.environment ?? ""]);
    });

    test("when nobody waits for it any more, a build and all that it started is gone", async () => {
      await runner.start();
      const word = `word-${sandbox}-${process.pid}-left`;
      const session = assign("print('never')", { "setup.py": lingering(word) });
      await hub.until("it is being built", () => hub.log(session.attempt_id).includes("lingering"));
      expect(TestRunner.alive(word).length).toBeGreaterThan(0);
      hub.drop(session.attempt_id);
      await hub.until("the attempt is forgotten", () => hub.reports.size === 0);
      while ((await built()).length > 0) await Bun.sleep(20);
      expect(TestRunner.alive(word)).toEqual([]);
    });

    test("the runner is killed while it builds: the next one removes what is left and builds it whole", async () => {
      await runner.start();
      const word = `word-${sandbox}-${process.pid}-killed`;
      const files = { "setup.py": lingering(word), "requirements.txt": "" };
      const lost = assign("print('never')", files);
      await hub.until("it is being built", () => hub.log(lost.attempt_id).includes("lingering"));
      hub.drop(lost.attempt_id);
      await runner.kill();
      expect(await built()).toEqual([lost.environment ?? ""]);
      await runner.start();
      await hub.until("the attempt is forgotten", () => hub.reports.size === 0);
      while ((await built()).length > 0) await Bun.sleep(20);
      expect(TestRunner.alive(word)).toEqual([]);
      const session = assign("import greet\nprint(greet.hello())", {
        "requirements.txt": "./wheels/greet-1.0-py3-none-any.whl",
        ...greet(),
      });
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id).at(-1)).toBe("hello from 1.0");
    });

    test("a runner that is stopped in the middle of a build leaves nothing of it", async () => {
      await runner.start({ PODIUM_ON_EXIT: "leave" });
      const word = `word-${sandbox}-${process.pid}-stopped`;
      const session = assign("print('ran')", { "setup.py": lingering(word, 1) });
      await hub.until("it is being built", () => hub.log(session.attempt_id).includes("lingering"));
      await runner.stop();
      expect([TestRunner.alive(word), await built()]).toEqual([[], []]);
      await runner.start();
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id).at(-1)).toBe("ran");
    });

    test("setup.py's needs come first; it may import distutils and read its README", async () => {
      await runner.start();
      const setup = `#nsml: nsml/ml:1.0
from distutils.core import setup
setup(name="mine", version="1", long_description=open("README.md").read(), packages=["src"],
      install_requires=["greet @ file://" + __import__("os").path.abspath("wheels/greet-1.0-py3-none-any.whl")])
`;
      const requirements = "./wheels/part-1.0-py3-none-any.whl\n";
      const parts = wheel("part", "1.0", { "part.py": "import greet\n" });
      const files = {
        "setup.py": setup,
        "README.md": "# Mine",
        "requirements.txt": requirements,
        ...greet(),
        ...parts,
      };
      const session = assign("import part\nprint(part.greet.hello())", files, {
        dropped_image: "nsml/ml:1.0",
      });
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      const log = hub.log(session.attempt_id);
      expect(log[0]).toBe(
        "[podium] The code asks for the image nsml/ml:1.0, which no node here can run: it runs in this machine's own Python",
      );
      expect(log.filter((line) => line.startsWith("[podium] Installing"))).toEqual([
        "[podium] Installing what setup.py needs",
        "[podium] Installing requirements.txt",
      ]);
      expect(log.at(-1)).toBe("hello from 1.0");
    });

    test("a setup.py that raises is shown with what it raised", async () => {
      await runner.start();
      const session = assign("print('never')", { "setup.py": "import no_such_module\n" });
      expect((await hub.ended(session)).failure).toMatchObject({
        code: "prepare_failed",
        message: "setup.py: ModuleNotFoundError: No module named 'no_such_module'",
      });
    });

    test("Debian packages that are here are noted, others are said to be missing, and the session goes on", async () => {
      await runner.start();
      const session = assign("print('ran')", { "nsml_package.txt": "bash\nno-such-thing # for plots\n" });
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      const log = hub.log(session.attempt_id).join("\n");
      expect(log).toContain("nsml_package.txt: bash is here already");
      expect(log).toContain("nsml_package.txt: no-such-thing can't be installed on this node");
      expect(hub.log(session.attempt_id).at(-1)).toBe("ran");
    });

    test("the platform's nsml and podium win over those in the code and in the environment", async () => {
      await runner.start();
      const fake = { "__init__.py": "raise SystemExit('the wrong one')\n" };
      const installed = wheel("nsml", "1.0", {
        "nsml/__init__.py": fake["__init__.py"],
        "podium/__init__.py": fake["__init__.py"],
      });
      const session = assign(
        "import nsml, podium, greet\nprint(nsml.IS_ON_NSML, podium.__name__, greet.hello())",
        {
          "requirements.txt": "./wheels/nsml-1.0-py3-none-any.whl\n./wheels/greet-1.0-py3-none-any.whl\n",
          "nsml/__init__.py": fake["__init__.py"],
          ...installed,
          ...greet(),
        },
      );
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id).at(-1)).toBe("True podium hello from 1.0");
    });

    test("a build that says a lot is shown from its beginning and its end, and its failure is told", async () => {
      const noisy = `import sys
for n in range(30_000):
    print("line", n, "x" * 1000)
raise OSError("it never wanted to")`;
      await runner.start();
      const session = assign("print(1)", { "setup.py": noisy });
      const { failure } = await hub.ended(session);
      expect(failure?.message).toBe("setup.py: OSError: it never wanted to");
      const log = hub.log(session.attempt_id);
      const gap = log.indexOf("[podium] … more was said than is shown here; its end:");
      expect(gap).toBeGreaterThan(1000);
      expect(log.length - gap).toBeLessThan(300);
      expect(log.join("\n").length).toBeLessThan(12 * 1024 ** 2);
    });

    test("an environment that takes too long or too much memory to build is stopped, and says so", async () => {
      const word = `word-${sandbox}-${process.pid}-limits`;
      await runner.start({ PODIUM_BUILD_TIMEOUT_MS: "4000", PODIUM_BUILD_MEMORY_BYTES: String(200 * MIB) });
      const slow = assign("print('never')", { "setup.py": lingering(word, 60) });
      expect((await hub.ended(slow)).failure).toMatchObject({
        code: "prepare_failed",
        message: "The environment could not be built: it took longer than 4 s.",
      });
      const hungry = assign("print('never')", {
        "setup.py": "hog = bytearray(400 * 2**20)\nimport time\ntime.sleep(60)\n",
      });
      expect((await hub.ended(hungry)).failure?.message).toBe(
        "The environment could not be built: it used more than 200 MiB of memory.",
      );
      expect([TestRunner.alive(word), await built()]).toEqual([[], []]);
    });

    for (const [what, end] of [
      ["while it is built", "import time\ntime.sleep(60)\n"],
      ["and ends at once", "from setuptools import setup\nsetup(name='mine')\n"],
    ])
      test(`an environment that writes too much ${what} is not kept, and says so`, async () => {
        await runner.start({ PODIUM_ENVIRONMENTS_BYTES: String(30 * MIB) });
        const filler =
          "open(os.path.join(os.environ['TMPDIR'], 'filler'), 'wb').write(b'x' * (40 * 2**20))\n";
        const session = assign("print('never')", { "setup.py": `import os\n${filler}${end}` });
        expect((await hub.ended(session)).failure).toMatchObject({
          code: "prepare_failed",
          message: "The environment could not be built: it used more than 30 MiB of disk.",
        });
        expect(await built()).toEqual([]);
        const modest = assign("import greet\nprint(greet.hello())", {
          "requirements.txt": "./wheels/greet-1.0-py3-none-any.whl\n",
          ...greet(),
        });
        expect(await hub.ended(modest)).toMatchObject({ failure: null });
      });

    test("the least recently used goes when there are too many bytes, but none that a session needs", async () => {
      await runner.start({ PODIUM_ENVIRONMENTS_BYTES: String(5 * MIB) });
      const files = (letter: string) => ({
        "requirements.txt": `./wheels/data_${letter}-1.0-py3-none-any.whl\n`,
        ...wheel(`data_${letter}`, "1.0", {
          [`data_${letter}.py`]: `TEXT = "${letter.repeat(MIB)}"\n`,
        }),
      });
      const running = assign(
        "import data_a, time\nprint(len(data_a.TEXT), flush=True)\ntime.sleep(300)",
        files("a"),
      );
      await hub.until("it runs", () => hub.log(running.attempt_id).at(-1) === String(MIB));
      const second = assign("print('ran')", files("b"));
      await hub.ended(second);
      hub.drop(second.attempt_id);
      await hub.until("it is forgotten", () => hub.reports.size === 1);
      await hub.ended(assign("print('ran')", files("c")));
      const left = await built();
      expect(left).toContain(running.environment ?? "");
      expect(left).not.toContain(second.environment ?? "");
      hub.change(running, { desired: "stop" });
      await hub.ended(running);
    });

    if (sandbox === "bubblewrap")
      test("a build sees its own files alone, and no network that it was not given", async () => {
        await runner.start();
        const session = assign("print('never')", {
          "secret.txt": "of the code",
          "setup.py": spyingSetup(runner.data, hub.url),
        });
        await hub.ended(session);
        expect(hub.log(session.attempt_id).filter((line) => line.startsWith("spy: "))).toEqual([
          "spy: ['setup.py']",
          "spy: False False False",
          "spy: refused",
          "spy: []",
        ]);
      });
  });
}

/** Takes long enough for another session to come, then needs a wheel. */
const SLOW_SETUP = `import os, time
from setuptools import setup
print("slow", flush=True)
time.sleep(3)
setup(name="mine", install_requires=["greet @ file://" + os.path.abspath("wheels/greet-1.0-py3-none-any.whl")])
`;

/** A setup.py that starts a process which can be found by a word, and waits. */
function lingering(word: string, seconds = 60): string {
  return `import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "${word}"], start_new_session=True)
print("lingering", flush=True)
time.sleep(${seconds})
from setuptools import setup
setup(name="mine")
`;
}

/** Says what it sees of its folder, the machine, the network and the environment's secrets; then fails. */
function spyingSetup(data: string, url: string): string {
  const { port } = new URL(url);
  return `import os, socket
print("spy:", sorted(os.listdir(".")), flush=True)
print("spy:", os.path.exists("${data}"), os.path.exists("/data"), os.path.exists("/run/podium"), flush=True)
try:
    socket.create_connection(("127.0.0.1", ${port}), 2)
    print("spy: reached", flush=True)
except OSError:
    print("spy: refused", flush=True)
print("spy:", [name for name in os.environ if "TOKEN" in name or name.startswith("HUB")], flush=True)
raise SystemExit("seen")
`;
}
