import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Assignment } from "@podium/shared";
import { requires } from "../../../../scripts/testing/requires.ts";
import { docker, dockerEnv, sharedDaemon } from "../testing/docker.ts";
import { type Files, greet, keyOf } from "../testing/environment.ts";
import { imageWithApt } from "../testing/image-with-apt.ts";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(120_000);

const { available, reason } = requires("docker");
const inCi = Bun.env["CI"] === "true";
if (!available && !inCi) console.log(`SKIPPED: environments in Docker: ${reason}`);
const testDocker = test.skipIf(!available && !inCi);
const MIB = 1024 ** 2;
const OFFLINE = { PODIUM_BUILD_NETWORK: "none", PODIUM_PIP_NO_INDEX: "1" };

let host: string;
let image: string;
let hub: TestHub;
let runner: TestRunner;

beforeEach(async () => {
  if (!available && !inCi) return;
  host = await sharedDaemon();
  image = await imageWithApt(host);
  hub = new TestHub();
  hub.waitMs = 100_000;
  runner = await TestRunner.create(hub, { ...(await dockerEnv(host)), ...OFFLINE });
  await runner.start();
});
afterEach(async () => {
  if (!available && !inCi) return;
  const images = addedImages();
  await runner.dispose();
  await hub.close();
  for (const id of images) docker(host, "image", "rm", "-f", id);
  expect(hub.violations).toEqual([]);
  expect(attemptContainers()).toEqual([]);
});

function assign(script: string, files: Files): Assignment {
  const code_tree = hub.addTree({ "main.py": script, ...files });
  return hub.assign(script, { code_tree, image, environment: keyOf(hub, code_tree, image) });
}
const built = () => readdir(join(runner.data, "environments"));
const builds = (session: Assignment) =>
  hub.log(session.attempt_id).filter((line) => line.startsWith("[podium] Building")).length;
/** Containers of sessions and of builds; an image that is tried out has one for a moment too. */
function attemptContainers(): string[] {
  const labels = [`label=podium.data=${runner.data}`, "label=podium.attempt"];
  const said = docker(host, "ps", "-aq", ...labels.flatMap((label) => ["--filter", label]));
  return said.split("\n").filter((id) => id !== "");
}

/** The images that the runner has made. */
function addedImages(): string[] {
  const said = docker(host, "image", "ls", "-q", "--filter", `label=podium.environment.data=${runner.data}`);
  return said.split("\n").filter((id) => id !== "");
}

testDocker(
  "a wheel is installed once for all sessions of the same files and image, and runs in that image",
  async () => {
    const files = { "requirements.txt": "./wheels/greet-1.0-py3-none-any.whl\n", ...greet() };
    const script =
      "import greet, os\nprint(greet.hello(), os.path.exists('/etc/podium-test-repository'), os.getuid() != 0)";
    const first = assign(script, files);
    expect(await hub.ended(first)).toMatchObject({ failure: null });
    expect(hub.log(first.attempt_id).at(-1)).toBe("hello from 1.0 True True");
    const second = assign(script, files);
    expect(await hub.ended(second)).toMatchObject({ failure: null });
    expect([builds(first), builds(second)]).toEqual([1, 0]);
    expect(hub.environments.map(({ key }) => key)).toEqual([first.environment ?? ""]);
    expect(hub.images.map(({ reference }) => reference)).toContain(image);
  },
);

testDocker(
  "a Debian package is installed into an image of its own; what is there already is noted",
  async () => {
    const files = { "nsml_package.txt": "podium-test-greeting  # ours\nsh\n" };
    const session = assign(
      "import subprocess\nprint(subprocess.check_output(['greeting'], text=True))",
      files,
    );
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    const log = hub.log(session.attempt_id);
    expect(log).toContain("[podium] nsml_package.txt: sh is in the image already");
    expect(log).toContain("hello from apt");
    expect(addedImages()).toHaveLength(1);

    const again = assign("import subprocess\nprint(subprocess.check_output(['greeting'], text=True))", files);
    expect(await hub.ended(again)).toMatchObject({ failure: null });
    expect(hub.log(again.attempt_id)).toEqual(["hello from apt", ""]);

    // Whoever removes an environment removes its image with the next start.
    await runner.stop();
    await rm(join(runner.data, "environments"), { recursive: true });
    await runner.start();
    while (addedImages().length > 0) await Bun.sleep(50);
  },
);

testDocker(
  "a package that there is none of fails the session with its line, and leaves no image",
  async () => {
    const session = assign("print('never')", { "nsml_package.txt": "sh\nno-such-thing\n" });
    expect((await hub.ended(session)).failure).toMatchObject({
      code: "prepare_failed",
      message: "nsml_package.txt line 2: Unable to locate package no-such-thing",
    });
    expect([addedImages(), await built()]).toEqual([[], []]);
  },
);

testDocker("what would be an option of apt-get is no name of a package", async () => {
  const session = assign("print('never')", { "nsml_package.txt": "sh\n-oDpkg::Pre-Invoke::=id\n" });
  expect((await hub.ended(session)).failure?.message).toBe(
    'nsml_package.txt line 2: "-oDpkg::Pre-Invoke::=id" can\'t be the name of a Debian package.',
  );
});

testDocker(
  "what can't be installed fails with its line; the build had no network and no rights",
  async () => {
    const setup = `import os, socket
print("spy:", sorted(os.listdir("/build")), os.getuid() != 0, os.path.exists("/data"), flush=True)
print("spy:", [name for _, name in socket.if_nameindex()], flush=True)
`;
    const session = assign("print('never')", { "setup.py": setup, "requirements.txt": "nosuch-package\n" });
    expect((await hub.ended(session)).failure).toMatchObject({ code: "prepare_failed" });
    expect(hub.log(session.attempt_id).filter((line) => line.startsWith("spy:"))).toEqual([
      "spy: ['requirements.txt', 'setup.py'] True False",
      "spy: ['lo']",
    ]);
    expect(await built()).toEqual([]);
  },
);

const TOO_MUCH = /^The environment could not be built: it used more than \d+ MiB of disk\.$/;

testDocker(
  "a build that writes more than environments may have is stopped, and nothing of it is kept",
  async () => {
    await runner.stop();
    await runner.start({ PODIUM_ENVIRONMENTS_BYTES: String(30 * MIB) });
    const filler =
      "import os, time\nopen(os.environ['TMPDIR'] + '/filler', 'wb').write(b'x' * (40 * 2**20))\n";
    for (const end of ["time.sleep(60)\n", "from setuptools import setup\nsetup(name='mine')\n"]) {
      const session = assign("print('never')", { "setup.py": filler + end });
      const { failure } = await hub.ended(session);
      expect(failure).toMatchObject({ code: "prepare_failed", message: expect.stringMatching(TOO_MUCH) });
      expect(await built()).toEqual([]);
    }
    await runner.stop();
    await runner.start({ PODIUM_ENVIRONMENTS_BYTES: "1000" });
    const packages = assign("print('never')", { "nsml_package.txt": "podium-test-greeting\n" });
    expect((await hub.ended(packages)).failure?.message).toMatch(TOO_MUCH);
    expect([addedImages(), await built(), attemptContainers()]).toEqual([[], [], []]);
  },
);

testDocker(
  "images with packages count, and the least recently used goes, but none that a session runs in",
  async () => {
    const files = (letter: string) => ({ "nsml_package.txt": `podium-test-greeting  # ${letter}\n` });
    const ran = async (letter: string) => {
      const session = assign("print('ran')", files(letter));
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      hub.drop(session.attempt_id);
      return session.environment ?? "";
    };
    const first = await ran("z");
    const [name = ""] = await built();
    const { bytes, image: ofFirst } = await Bun.file(
      join(runner.data, "environments", name, "built.json"),
    ).json();
    // An environment of Debian packages alone is its image: the folder beside it holds a few files.
    expect(bytes).toBeGreaterThan(100_000);
    await runner.stop();
    await runner.start({ PODIUM_ENVIRONMENTS_BYTES: String(Math.floor(2.5 * bytes)) });
    const running = assign("import time\nprint('up', flush=True)\ntime.sleep(300)", files("a"));
    await hub.until("it runs", () => hub.log(running.attempt_id).includes("up"));
    const keys = [running.environment ?? "", await ran("b"), await ran("c")];
    const holds = async () => (await built()).join(" ");
    for (const gone of [first, keys[1] ?? ""]) expect(await holds()).not.toContain(gone);
    for (const kept of [keys[0] ?? "", keys[2] ?? ""]) expect(await holds()).toContain(kept);
    expect(addedImages()).toHaveLength(2);
    expect(docker(host, "image", "ls", "-aq", "--no-trunc")).not.toContain(ofFirst);
    expect(hub.report(running.attempt_id)?.state).toBe("running");
    hub.change(running, { desired: "stop" });
    await hub.ended(running);
  },
);

testDocker(
  "the runner is killed in the middle of a build: the next one leaves no container and builds it whole",
  async () => {
    const slow = "import time\nprint('slow', flush=True)\ntime.sleep(600)\n";
    const lost = assign("print('never')", { "setup.py": slow });
    await hub.until("it is being built", () => hub.log(lost.attempt_id).includes("slow"));
    await runner.kill();
    hub.drop(lost.attempt_id);
    expect(attemptContainers()).toHaveLength(1);
    await runner.start();
    await hub.until("the attempt is forgotten", () => hub.reports.size === 0);
    while ((await built()).length > 0) await Bun.sleep(20);
    expect(attemptContainers()).toEqual([]);
  },
);
