import { afterEach, beforeEach, expect, test } from "bun:test";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

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

const TRAIN = `
import podium, os, sys
def save(path, **kw):
    open(os.path.join(path, "weights.txt"), "w").write("w" * 100)
podium.bind(save=save)
for step in range(50):
    print("step", step)
    podium.report(step=step, loss=1.0 / (step + 1))
podium.report(summary=True, step=50, loss=0.01)
podium.save("best")
print("done", sys.argv[1:])
`;

test("a session's log, metrics and checkpoint arrive complete and in order", async () => {
  await runner.start();
  const session = hub.assign(TRAIN, { args: ["--epochs", "3"] });
  const report = await hub.ended(session);
  console.log(report, runner.output);
  expect(report).toMatchObject({ exit_code: 0, failure: null });
  expect(hub.log(session.attempt_id)).toEqual([
    ...Array.from({ length: 50 }, (_, step) => `step ${step}`),
    "done ['--epochs', '3']",
  ]);
});
