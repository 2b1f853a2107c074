import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { networkInterfaces } from "node:os";
import type { Assignment } from "@podium/shared";
import { listProcesses, readProcess } from "../executors/process/proc.ts";
import { keyOf } from "../testing/environment.ts";
import { PackageIndex } from "../testing/package-index.ts";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(60_000);

const inCi = Bun.env["CI"] === "true";
const hasBubblewrap = Bun.which("bwrap") !== null;
const hasSlirp = Bun.which("slirp4netns") !== null;
/** An address of this machine that is not loopback: what is sent there never leaves it, yet it stands for others. */
const outer = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

let hub: TestHub;
let index: PackageIndex;
let runner: TestRunner | null;

beforeEach(() => {
  hub = new TestHub();
  hub.waitMs = 50_000;
  runner = null;
});
afterEach(async () => {
  await runner?.dispose();
  await index?.close();
  await hub.close();
  expect(hub.violations).toEqual([]);
});

/** The operator's mirror on this address, with a package `fetched`. */
function mirror(address = "127.0.0.1"): Record<string, string> {
  index = new PackageIndex(address);
  index.add("fetched", { "fetched.py": "WORD = 'over the network'\n" });
  return {
    PODIUM_PIP_INDEX_URL: index.url,
    // pip wants TLS of all but loopback.
    PODIUM_PIP_TRUSTED_HOST: address,
    PODIUM_UV_DEFAULT_INDEX: index.url,
    PODIUM_UV_INSECURE_HOST: address,
  };
}

async function start(env: Record<string, string>) {
  runner = await TestRunner.create(hub, env);
  await runner.start();
}

/** A session whose code needs the package, and a build that says whether it reaches these addresses. */
function assign(...addresses: string[]): Assignment {
  const script = "import fetched\nprint(fetched.WORD)";
  const setup = `import socket
from setuptools import setup
for address in ${JSON.stringify(addresses)}:
    try:
        socket.create_connection((address, ${new URL(index.url).port}), 5)
        print("spy:", address, "reached", flush=True)
    except OSError:
        print("spy:", address, "refused", flush=True)
setup(name="mine")
`;
  const code_tree = hub.addTree({ "main.py": script, "requirements.txt": "fetched\n", "setup.py": setup });
  return hub.assign(script, { code_tree, environment: keyOf(hub, code_tree) });
}
const spied = (session: Assignment) => hub.log(session.attempt_id).filter((line) => line.startsWith("spy: "));

for (const sandbox of ["none", "bubblewrap"])
  test.skipIf(sandbox === "bubblewrap" && !hasBubblewrap && !inCi)(
    `a package comes from the operator's mirror over this machine's network, sandbox: ${sandbox}`,
    async () => {
      await start({ PODIUM_SANDBOX: sandbox, PODIUM_BUILD_NETWORK: "host", ...mirror() });
      const session = assign("127.0.0.1");
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id).at(-1)).toBe("over the network");
      expect(spied(session)).toEqual(["spy: 127.0.0.1 reached"]);
      expect(index.requests).toContain("/files/fetched-1.0-py3-none-any.whl");
    },
  );

test.skipIf(!hasBubblewrap && !inCi)(
  "without a network a package that there is a mirror for can't be had, and the log says why",
  async () => {
    await start({ PODIUM_SANDBOX: "bubblewrap", PODIUM_BUILD_NETWORK: "none", ...mirror() });
    const session = assign("127.0.0.1");
    expect((await hub.ended(session)).failure).toMatchObject({ code: "prepare_failed" });
    expect(hub.log(session.attempt_id).at(-1)).toBe(
      "[podium] Builds have no network on this node (PODIUM_BUILD_NETWORK is none): bring wheels in the code",
    );
    expect(spied(session)).toEqual(["spy: 127.0.0.1 refused"]);
    expect(index.requests).toEqual([]);
  },
);

const canTryOwn = hasBubblewrap && hasSlirp && outer !== undefined;
const ownSkipped = canTryOwn ? "" : " (skipped: needs bubblewrap, slirp4netns and an address)";
test.skipIf(!canTryOwn && !inCi)(
  `in a sandbox builds reach what is beyond this machine's loopback and nothing on it${ownSkipped}`,
  async () => {
    await start({ PODIUM_SANDBOX: "bubblewrap", ...mirror(outer) });
    const onLoopback = Bun.serve({
      hostname: "127.0.0.1",
      port: Number(new URL(index.url).port),
      fetch: () => new Response("reached"),
    });
    try {
      // The last is what slirp4netns calls the machine that it runs on.
      const session = assign(outer ?? "", "127.0.0.1", "10.0.2.2");
      expect(await hub.ended(session)).toMatchObject({ failure: null });
      expect(hub.log(session.attempt_id).at(-1)).toBe("over the network");
      expect(spied(session)).toEqual([
        `spy: ${outer} reached`,
        "spy: 127.0.0.1 refused",
        "spy: 10.0.2.2 refused",
      ]);

      const script = "import fetched";
      const setup = "import time\nprint('slow', flush=True)\ntime.sleep(300)\n";
      const code_tree = hub.addTree({ "main.py": script, "setup.py": setup });
      const stopped = hub.assign(script, { code_tree, environment: keyOf(hub, code_tree) });
      await hub.until("it is being built", () => hub.log(stopped.attempt_id).includes("slow"));
      const networks = slirpsOf(runner?.pid ?? 0);
      expect(networks).toHaveLength(1);
      hub.change(stopped, { desired: "stop" });
      await hub.ended(stopped);
      // It ends by itself once nothing of the build is left.
      await hub.until("its network is gone", () => networks.every((pid) => readProcess(pid) === null));
    } finally {
      await onLoopback.stop(true);
    }
  },
);

/** The slirp4netns among all that descends from the process. */
function slirpsOf(ancestor: number): number[] {
  const all = listProcesses();
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  return all
    .filter(({ name, pid }) => {
      if (name !== "slirp4netns") return false;
      let each: number | undefined = pid;
      while (each !== undefined && each !== ancestor) each = parents.get(each);
      return each === ancestor;
    })
    .map(({ pid }) => pid);
}

test("a network that this machine can't give is refused at start, with what to do", async () => {
  runner = await TestRunner.create(hub, { PODIUM_BUILD_NETWORK: "packages" });
  const ended = await (await runner.start()).exited;
  expect(ended).not.toBe(0);
  expect(runner.output).toContain(
    "Bad configuration: PODIUM_BUILD_NETWORK is packages, but that would be a network of Docker, and sessions run as processes here; say slirp4netns, host or none.",
  );
});
