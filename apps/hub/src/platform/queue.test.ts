import { expect, test } from "bun:test";
import { join } from "node:path";
import { requires, testIf } from "../../../../scripts/testing/requires.ts";
import { withDatabase } from "../testing/database.ts";
import { createLog } from "./log.ts";
import { createQueues, type QueuedJob, type Queues } from "./queue.ts";
import { randomName } from "./secrets.ts";

const LOCK_MS = 1_500;
const PATIENCE = { attempts: 3, pauseMs: 20, lockMs: LOCK_MS };

interface World {
  databaseUrl: string;
  redisUrl: string | undefined;
  /** A name that no other test uses: they share a Redis. */
  name: string;
  open(): Queues;
  dead: string[];
}

async function withQueues(
  backend: "Postgres" | "Redis",
  test: (world: World) => Promise<void>,
): Promise<void> {
  await withDatabase(async (_, databaseUrl) => {
    const redisUrl = backend === "Redis" ? process.env["TEST_REDIS_URL"] : undefined;
    const opened: Queues[] = [];
    const dead: string[] = [];
    const open = () => {
      const log = createLog("silent", "test");
      const onDead = (queue: string) => void dead.push(queue);
      const queues = createQueues({ databaseUrl, redisUrl, log, onDead, patience: PATIENCE });
      opened.push(queues);
      return queues;
    };
    try {
      await test({ databaseUrl, redisUrl, name: `test-${randomName()}`, open, dead });
    } finally {
      for (const queues of opened) await queues.close();
    }
  });
}
const jobs = (...ids: string[]): QueuedJob[] => ids.map((id) => ({ id, name: "greet", data: { to: id } }));
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await Bun.sleep(10);
}

/** Works off a queue in a process of its own, which is killed in the middle of its first job. */
async function killInTheMiddle({ databaseUrl, redisUrl, name }: World): Promise<void> {
  const script = `
    const { createQueues } = await import(${JSON.stringify(join(import.meta.dir, "queue.ts"))});
    const { createLog } = await import(${JSON.stringify(join(import.meta.dir, "log.ts"))});
    const config = ${JSON.stringify({ databaseUrl, redisUrl, patience: PATIENCE })};
    const queues = createQueues({ ...config, log: createLog("silent", "test"), onDead: () => undefined });
    queues.work(${JSON.stringify(name)}, 1, async (job) => {
      console.log("begun " + job.id);
      await new Promise(() => undefined);
    });`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  for await (const chunk of child.stdout) if (new TextDecoder().decode(chunk).includes("begun")) break;
  child.kill("SIGKILL");
  await child.exited;
}

for (const backend of ["Postgres", "Redis"] as const) {
  const testHere = (name: string, body: () => Promise<void>) =>
    backend === "Redis" ? testIf("redis", `Redis: ${name}`, body) : test(`Postgres: ${name}`, body);
  if (backend === "Redis" && requires("redis").available && !process.env["TEST_REDIS_URL"])
    throw new Error("TEST_REDIS_URL is not set: run this with `npm test -- PATH`.");

  testHere("a job is done with what it was given", () =>
    withQueues(backend, async ({ open, name }) => {
      const queues = open();
      await queues.add(name, jobs("ann"));
      const done = Promise.withResolvers<QueuedJob>();
      queues.work(name, 1, async (job) => done.resolve(job));
      expect(await done.promise).toEqual({ id: "ann", name: "greet", data: { to: "ann" } });
    }),
  );

  testHere("a job that is added again under its id is done once, waiting or done", () =>
    withQueues(backend, async ({ open, name }) => {
      const queues = open();
      const done: string[] = [];
      await queues.add(name, jobs("ann", "ann"));
      await queues.add(name, jobs("ann", "bob"));
      queues.work(name, 1, async (job) => void done.push(job.id));
      await until(() => done.length === 2);
      await queues.add(name, jobs("ann", "last"));
      await until(() => done.includes("last"));
      expect(done).toEqual(["ann", "bob", "last"]);
    }),
  );

  testHere("a failing job is tried again, and others go on meanwhile", () =>
    withQueues(backend, async ({ open, name, dead }) => {
      const queues = open();
      const tries: string[] = [];
      await queues.add(name, jobs("bad", "good"));
      queues.work(name, 1, async ({ id }) => {
        tries.push(id);
        if (id === "bad" && tries.filter((each) => each === "bad").length < 3) throw new Error("not yet");
      });
      await until(async () => tries.length === 4 && (await queues.depth(name)) === 0);
      expect(tries).toEqual(["bad", "good", "bad", "bad"]);
      expect(dead).toEqual([]);
    }),
  );

  testHere("a job that fails each time is given up and counted", () =>
    withQueues(backend, async ({ open, name, dead }) => {
      const queues = open();
      let tries = 0;
      await queues.add(name, jobs("bad"));
      queues.work(name, 1, async () => {
        tries += 1;
        throw new Error("never");
      });
      await until(() => dead.length > 0);
      expect([tries, dead]).toEqual([3, [name]]);
    }),
  );

  testHere("what waits when a hub stops, and what it was doing when it was killed, is done by the next", () =>
    withQueues(backend, async (world) => {
      const first = world.open();
      await first.add(world.name, jobs("ann", "bob"));
      await first.close();
      await killInTheMiddle(world);

      const done: string[] = [];
      world.open().work(world.name, 1, async ({ id }) => void done.push(id));
      await until(() => done.length === 2);
      expect(done.sort()).toEqual(["ann", "bob"]);
    }),
  );

  testHere("a hub that stops lets the job that it is doing end", () =>
    withQueues(backend, async ({ open, name }) => {
      const queues = open();
      const begun = Promise.withResolvers<void>();
      const order: string[] = [];
      queues.work(name, 1, async () => {
        begun.resolve();
        await Bun.sleep(100);
        order.push("job");
      });
      await queues.add(name, jobs("ann"));
      await begun.promise;
      await queues.close();
      order.push("closed");
      expect(order).toEqual(["job", "closed"]);
    }),
  );
}
