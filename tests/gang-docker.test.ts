import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containersOf, docker, dockerEnv, sharedDaemon } from "../apps/node-runner/src/testing/docker.ts";
import { bunPath, rootDir } from "../scripts/setup/paths.mjs";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { requires } from "../scripts/testing/requires.ts";
import { ended, logIn, logOf, must, type Person, run, signUp, waitFor } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(180_000);

/** As PyTorch does it: rank 0 listens on its port, on all of its addresses; the others dial where they were told. */
const MEETS = `
import json, os, socket, sys, time
import podium
members = json.loads(os.environ["PODIUM_MEMBERS"])
rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
assert (os.environ["PODIUM_RANK"], os.environ["PODIUM_WORLD"]) == (str(rank), str(world))
assert os.environ["MASTER_ADDR"] == members[0]["address"]
assert int(os.environ["MASTER_PORT"]) == members[0]["port"]
def greet(peer):
    peer.sendall(f"greetings of {rank}".encode())
    return peer.recv(100).decode()
def dial():
    # Who forwards a published port may take the call before rank 0 listens, and hang up at once.
    for _ in range(300):
        try:
            heard = greet(socket.create_connection((os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])), 5))
            if heard:
                return heard
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("rank 0 can't be reached")
if rank == 0:
    with socket.create_server(("", members[0]["port"])) as server:
        heard = greet(server.accept()[0])
else:
    heard = dial()
print("heard", heard, "of", world, flush=True)
step = 0
while sys.argv[1:] == ["stay"]:
    step += 1
    podium.report(step=step, scope=globals(), alive=1)
    time.sleep(0.1)
`;
/** Room for one member on each node. */
const ONE = { cpu_milli: 800, memory_bytes: 128 * 1024 ** 2 };
const { available, reason } = requires("docker");
const skipped = available ? "" : ` (skipped: ${reason})`;

/** A hub and two nodes that run containers with one daemon, whose members of gangs have this network. */
async function twoNodes(host: string, network: string, address: string) {
  const folder = mkdtempSync(join(tmpdir(), "podium-gang-docker-"));
  chmodSync(folder, 0o711);
  const settings = {
    ...(await dockerEnv(host)),
    PODIUM_CPU_MILLI: "1000",
    PODIUM_GANG_ADDRESS: address,
    PODIUM_GANG_NETWORK: network,
    PODIUM_GANG_PORTS: "29500-29509",
  };
  const stack = await startStack({
    dataDir: join(folder, "data"),
    fresh: true,
    durable: false,
    env: { ...settings, PODIUM_NODE_NAME: "first" },
    processes: ["hub", "runner"],
  });
  const second = Bun.spawn([bunPath(), join(rootDir, "apps/node-runner/src/main.ts")], {
    env: {
      ...settings,
      PATH: Bun.env["PATH"] ?? "",
      HUB_URL: stack.hubUrl,
      PODIUM_JOIN_TOKEN: stack.joinToken,
      PODIUM_NODE_NAME: "second",
      PODIUM_RUNNER_DATA: join(folder, "second"),
      PODIUM_EXIT_WITH_PARENT: "1",
    },
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
  });
  const stop = async () => {
    second.kill("SIGTERM");
    await second.exited;
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, stack, stop, data: [join(folder, "data", "runner"), join(folder, "second")] };
}

for (const network of ["host", "bridge of its own"] as const) {
  describe.skipIf(!available && Bun.env["CI"] !== "true")(`in containers, ${network}${skipped}`, () => {
    const name = `podium-gang-${process.pid}`;
    let host: string;
    let nodes: Awaited<ReturnType<typeof twoNodes>>;
    let stack: Stack;
    let person: Person;

    beforeAll(async () => {
      host = await sharedDaemon();
      let address = "127.0.0.1";
      if (network !== "host") {
        docker(host, "network", "create", name);
        address = docker(host, "network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", name);
      }
      nodes = await twoNodes(host, network === "host" ? "host" : name, address);
      stack = nodes.stack;
      person = await signUp(stack.hubUrl);
      const admin = await logIn(stack.hubUrl, stack.admin);
      await waitFor("two nodes that take gangs", 60_000, async () => {
        const { items } = must(await admin.api.GET("/api/v1/nodes"));
        return items.filter((node) => node.state === "ready" && node.capacity?.gangs).length === 2 || null;
      });
    });
    afterAll(async () => {
      await nodes?.stop();
      if (host && network !== "host") docker(host, "network", "rm", name);
    });

    const gang = (more: object, ...args: string[]) =>
      run(person, stack.hubUrl, MEETS, { nodes: 2, resources: ONE, args, ...more });
    const containers = () => nodes.data.flatMap((data) => containersOf(host, data));
    const met = (id: string, times: number) =>
      waitFor("the members' meeting", 120_000, async () => {
        const heard = (await logOf(person, id)).filter((line) => line.startsWith("heard"));
        return heard.length === 2 * times || null;
      });
    /** Kills the container of a member, as a node does that has run out of memory. */
    const killMember = async (id: string, rank: number) => {
      const { items } = must(
        await person.api.GET("/api/v1/sessions/{id}/attempts", { params: { path: { id } } }),
      );
      const attempt = items.findLast((each) => each.rank === rank)?.id;
      docker(host, "kill", docker(host, "ps", "-q", "--filter", `label=podium.attempt=${attempt}`));
    };

    test("members on two nodes meet where they were told that rank 0 is, and succeed as one", async () => {
      const end = await ended(person, (await gang({})).id, 120_000);
      expect(end).toMatchObject({ state: "succeeded", failure: null });
      expect(end.members.map(({ node }) => node).sort()).toEqual(["first", "second"]);
      const heard = (await logOf(person, end.id)).filter((line) => line.startsWith("heard"));
      expect(heard.sort()).toEqual(["heard greetings of 0 of 2", "heard greetings of 1 of 2"]);
      expect(containers()).toEqual([]);
    });

    test("any member is entered; one that dies takes the other with it, and the gang is tried again as one", async () => {
      const session = await gang({ retries: 1 }, "stay");
      await met(session.id, 1);
      for (const rank of ["0", "1"]) {
        const args = ["exec", session.name, "--rank", rank, "rank"];
        const said = podium(args, { url: stack.hubUrl, token: person.token, home: nodes.folder });
        expect(await said.done).toMatchObject({ code: 0, output: `${rank}\n` });
      }
      expect(containers()).toHaveLength(2);
      await killMember(session.id, 1);
      await met(session.id, 2);
      expect(containers()).toHaveLength(2);
      await killMember(session.id, 0);
      const end = await ended(person, session.id, 120_000);
      expect(end).toMatchObject({ state: "failed", attempt: 2, failure: { code: "user_error" } });
      expect(end.failure?.message).toStartWith("Member 0:");
      expect(containers()).toEqual([]);
    });
  });
}
