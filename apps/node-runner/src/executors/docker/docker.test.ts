import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Assignment, resourcesSchema } from "@podium/shared";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { removeFolder } from "../../data/remove.ts";
import { containersOf, docker, dockerEnv, sharedDaemon } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const { available, reason } = requires("docker");
const title = available ? "sessions in Docker" : `sessions in Docker (skipped: ${reason})`;

describe.skipIf(!available && Bun.env["CI"] !== "true")(title, () => {
  let host: string;
  let hub: TestHub;
  let runner: TestRunner;
  let env: Record<string, string>;
  /** images of this file alone */
  const images: string[] = [];

  beforeAll(async () => {
    host = await sharedDaemon();
    env = await dockerEnv(host);
    hub = new TestHub();
    runner = await TestRunner.create(hub, env);
    await runner.start();
  });
  afterAll(async () => {
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
    expect(containersOf(host, runner.data)).toEqual([]);
    for (const image of images) docker(host, "image", "rm", "-f", image);
  });

  /** Imports a few files of the test image as an image of its own; none: one that holds a text file. */
  async function imageOf(name: string, changes: string): Promise<string> {
    const tag = `podium-test-${process.pid}-${name}`;
    images.push(tag);
    const folder = await mkdtemp(join(tmpdir(), "podium-image-"));
    const tar = join(folder, "image.tar");
    await Bun.write(join(folder, "root/readme.txt"), "hello");
    const made = Bun.spawnSync(["sh", "-c", changes, "sh", folder, tar]);
    expect(made.stderr.toString()).toBe("");
    docker(host, "import", tar, tag);
    await removeFolder(folder);
    return tag;
  }

  /** Docker's base system without Python: the shell of this machine and what it is linked to. */
  const SHELL_ONLY = `cd "$1/root" && mkdir -p bin && cp -L /bin/sh bin/sh
ldd /bin/sh | grep -o '/[^ ]*' | while read lib; do mkdir -p ".$(dirname $lib)" && cp -L "$lib" ".$lib"; done
tar -cf "$2" .`;

  const withImage = (image: string): Partial<Assignment> => ({ image });

  test("the container has the limits that the session asked for, and none of the host's rights", async () => {
    const session = hub.assign("import time\nprint('up')\ntime.sleep(60)", {
      resources: resourcesSchema.parse({ cpu_milli: 250, memory_bytes: 96 * MIB, shm_bytes: 8 * MIB }),
    });
    await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
    const [id = ""] = containersOf(host, runner.data);
    const [found] = JSON.parse(docker(host, "inspect", id));
    expect(found.HostConfig).toMatchObject({
      NetworkMode: "none",
      CapDrop: ["ALL"],
      Privileged: false,
      ReadonlyRootfs: true,
      SecurityOpt: ["no-new-privileges:true"],
      Memory: 96 * MIB,
      MemorySwap: 96 * MIB,
      NanoCpus: 250_000_000,
      ShmSize: 8 * MIB,
      PidsLimit: 1024,
      IpcMode: "private",
      Init: true,
      LogConfig: { Type: "none" },
    });
    expect(found.HostConfig.MaskedPaths).toContain("/proc/kcore");
    expect(found.Config.User).not.toMatch(/^0:/);
    expect(found.Config.Labels).toMatchObject({
      "podium.attempt": session.attempt_id,
      "podium.node": "test-node",
      "podium.data": runner.data,
    });
    const binds: { Source: string; Propagation: string }[] = found.Mounts;
    expect(binds.every(({ Source }) => !Source.endsWith("docker.sock"))).toBe(true);
    expect(new Set(binds.map(({ Propagation }) => Propagation))).toEqual(new Set(["rprivate"]));
    hub.drop(session.attempt_id);
    await hub.until("it is gone", () => hub.report(session.attempt_id) === undefined);
  });

  test("an image that is nowhere is named, with where it was looked for and what to do", async () => {
    const { failure } = await hub.ended(hub.assign("print(1)", withImage("127.0.0.1:9/nobody/nothing:1.0")));
    expect(failure?.code).toBe("prepare_failed");
    expect(failure?.message).toStartWith(
      'There is no image "127.0.0.1:9/nobody/nothing:1.0": it is not on this machine, and pulling it failed (',
    );
    expect(failure?.message).toContain("Check its name");
  });

  test("the wait for an image shows in the session's log", async () => {
    const session = hub.assign("print(1)", withImage("127.0.0.1:9/nobody/nothing:2.0"));
    await hub.ended(session);
    expect(hub.log(session.attempt_id)).toEqual([
      "[podium] Pulling the image 127.0.0.1:9/nobody/nothing:2.0 …",
    ]);
  });

  test("an image without Python, or without a shell, says what it lacks", async () => {
    const bare = await imageOf("bare", `tar -C "$1/root" -cf "$2" .`);
    const shell = await imageOf("shell", SHELL_ONLY);
    const endings = [bare, shell].map((image) => hub.ended(hub.assign("print(1)", withImage(image))));
    const [withoutShell, withoutPython] = await Promise.all(endings);
    expect(withoutShell?.failure).toMatchObject({ code: "prepare_failed" });
    expect(withoutShell?.failure?.message).toContain("/bin/sh");
    expect(withoutPython?.failure?.message).toBe(
      `The image "${shell}" can't run a session: it has no python3 on its PATH; Python 3.9 or newer is needed.`,
    );
  });

  test("an image of one's own choice is the one that it runs in", async () => {
    const image = env["PODIUM_DEFAULT_IMAGE"] ?? "";
    const own = `podium-test-${process.pid}-own`;
    images.push(own);
    const marked = docker(host, "create", image, "true");
    docker(
      host,
      "commit",
      "--change",
      "ENV COLOUR=green",
      "--change",
      'ENTRYPOINT ["/bin/false"]',
      marked,
      own,
    );
    docker(host, "rm", marked);
    const session = hub.assign("import os\nprint(os.environ['COLOUR'])", withImage(own));
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    expect(hub.log(session.attempt_id)).toEqual(["green"]);
  });

  test("a worker that the kernel killed at the memory limit makes the script's failure one of memory", async () => {
    const script = `import os, sys
if os.fork() == 0:
    open("/proc/self/oom_score_adj", "w").write("1000")
    hog = [bytearray(16 * 2**20) for _ in range(40)]
_, status = os.wait()
sys.exit("a worker died" if status else 0)`;
    const resources = resourcesSchema.parse({ memory_bytes: 128 * MIB });
    const { failure, exit_code } = await hub.ended(hub.assign(script, { resources }));
    expect(exit_code).toBe(1);
    expect(failure?.code).toBe("out_of_memory");
  });

  test("zombies are reaped and a session's own children end with it", async () => {
    const script = `import os, time
for _ in range(20):
    if os.fork() == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.wait()
time.sleep(0.3)
states = [open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[0] for name in os.listdir("/proc") if name.isdigit()]
print(states.count("Z"))`;
    const session = hub.assign(script);
    await hub.ended(session);
    expect(hub.log(session.attempt_id)).toEqual(["0"]);
  });

  test("another runner on the same daemon leaves our containers alone", async () => {
    const session = hub.assign("import time\nprint('up')\ntime.sleep(60)");
    await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
    const other = new TestHub();
    const stranger = await TestRunner.create(other, env);
    await stranger.start();
    expect(await other.ended(other.assign("print(1)"))).toMatchObject({ exit_code: 0 });
    await stranger.dispose();
    await other.close();
    expect(hub.report(session.attempt_id)).toMatchObject({ state: "running" });
    expect(containersOf(host, runner.data)).toHaveLength(1);
    hub.drop(session.attempt_id);
    await hub.until("it is gone", () => hub.report(session.attempt_id) === undefined);
  });

  test("containers that nobody knows any more are removed at the next start, others are not", async () => {
    await runner.stop();
    const image = env["PODIUM_DEFAULT_IMAGE"] ?? "";
    const left = docker(
      host,
      "run",
      "-d",
      "--network=none",
      "--label",
      `podium.data=${runner.data}`,
      image,
      "sleep",
      "60",
    );
    const others = docker(
      host,
      "run",
      "-d",
      "--network=none",
      "--label",
      "podium.data=/elsewhere",
      image,
      "sleep",
      "60",
    );
    await runner.start();
    await hub.until("the runner is up again", () => runner.output.split("the runner is up").length > 2);
    const all = docker(host, "ps", "-q", "--no-trunc").split("\n");
    expect(all).not.toContain(left);
    expect(all).toContain(others);
    docker(host, "rm", "-f", others);
  });
});

describe("what a runner does where Docker is not to be had", () => {
  const nowhere = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

  test("it is one clear line when Docker must be used", async () => {
    const hub = new TestHub();
    const runner = await TestRunner.create(hub, {
      ...nowhere,
      PODIUM_EXECUTOR: "docker",
      LOG_LEVEL: "silent",
    });
    expect(await (await runner.start()).exited).toBe(1);
    await Bun.sleep(50);
    expect(runner.output.trim().split("\n")).toHaveLength(1);
    expect(runner.output).toContain(
      "PODIUM_EXECUTOR is docker, but no Docker daemon answers at unix:///nowhere/docker.sock",
    );
    await runner.dispose();
    await hub.close();
  });

  test("it runs sessions as processes when it may choose, and says why; an image can't be had there", async () => {
    const hub = new TestHub();
    const runner = await TestRunner.create(hub, { ...nowhere, PODIUM_EXECUTOR: "auto" });
    await runner.start();
    expect(await hub.ended(hub.assign("print(1)"))).toMatchObject({ exit_code: 0 });
    expect(runner.output).toContain("no Docker daemon answers at unix:///nowhere/docker.sock");
    const { failure } = await hub.ended(hub.assign("print(1)", { image: "python:3.13" }));
    expect(failure).toMatchObject({ code: "prepare_failed" });
    expect(failure?.message).toContain('"python:3.13"');
    await runner.dispose();
    await hub.close();
  });
});
