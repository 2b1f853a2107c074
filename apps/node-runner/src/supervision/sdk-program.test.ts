import { expect, setDefaultTimeout, test } from "bun:test";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(60_000);

test("a script that replaces itself by another program keeps its pid, and loses nothing", async () => {
  const hub = new TestHub();
  const runner = await TestRunner.create(hub);
  await runner.start();
  const session = hub.assign(`import os, sys
import podium
for step in range(3):
    podium.report(step=step, loss=step)
podium.save("best", save_fn=lambda path: open(path + "/weights", "w").write(str(sys.argv[1:])))
if not sys.argv[1:]:
    os.execv(sys.executable, [sys.executable, "-m", "podium", "main.py", "again"])`);
  expect(await hub.ended(session)).toMatchObject({ failure: null });
  expect(hub.recordsOf(session.attempt_id, "metric").map(({ step }) => step)).toEqual([0, 1, 2, 0, 1, 2]);
  const saved = hub.recordsOf(session.attempt_id, "checkpoint").map(({ entries }) => entries[0]?.size);
  expect(saved).toEqual(["[]".length, "['again']".length]);
  await runner.dispose();
  await hub.close();
  expect(hub.violations).toEqual([]);
});

test("all processes of a session may load one checkpoint at once", async () => {
  const hub = new TestHub();
  const runner = await TestRunner.create(hub);
  await runner.start();
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`part/${n}`, `weights ${n}`]));
  hub.checkpoints.set(":best", hub.addTree(files));
  const session = hub.assign(`import os, time
import podium
start = time.time() + 1
children = []
for _ in range(8):
    pid = os.fork()
    if pid == 0:
        time.sleep(start - time.time())
        podium.load("best", load_fn=lambda path: print(len(os.listdir(path + "/part")), flush=True))
        os._exit(0)
    children.append(pid)
print([os.waitpid(pid, 0)[1] for pid in children])`);
  expect(await hub.ended(session)).toMatchObject({ failure: null });
  expect(hub.log(session.attempt_id).sort()).toEqual([
    ...Array(8).fill("300"),
    `[${Array(8).fill(0).join(", ")}]`,
  ]);
  expect(runner.output).not.toContain("could not be stored");
  await runner.dispose();
  await hub.close();
  expect(hub.violations).toEqual([]);
});
