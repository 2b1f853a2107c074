import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { requires } from "../../../scripts/testing/requires.ts";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(30_000);

const inCi = Bun.env["CI"] === "true";

for (const sandbox of ["none", "bubblewrap"] as const) {
  const { available, reason } = sandbox === "none" ? { available: true, reason: "" } : requires(sandbox);
  const title = available ? `sandbox: ${sandbox}` : `sandbox: ${sandbox} (skipped: ${reason})`;

  describe.skipIf(!available && !inCi)(title, () => {
    let hub: TestHub;
    let runner: TestRunner;

    beforeEach(async () => {
      hub = new TestHub();
      runner = await TestRunner.create(hub, { PODIUM_SANDBOX: sandbox });
    });
    afterEach(async () => {
      await runner.dispose();
      await hub.close();
      expect(hub.violations).toEqual([]);
    });

    test("what has nothing to save is not waited for; the log says what happens", async () => {
      await runner.start();
      const session = hub.assign(UNBOUND, { grace_ms: 600_000 });
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      hub.change(session, { desired: "stop", stop_reason: "by its owner" });
      expect(await hub.ended(session)).toMatchObject({ failure: null, was_ended: true });
      expect(hub.log(session.attempt_id)).toContain(
        "[podium] The session is to end: by its owner. It is asked for a checkpoint and has 600 s for it.",
      );
    });

    test("a session that ends by itself while it is asked to is told from one that had to be ended", async () => {
      await runner.start();
      const session = hub.assign(ENDS_WHEN_SAVED, { grace_ms: 20_000 });
      await hub.until("it runs", () => hub.log(session.attempt_id).length > 0);
      hub.change(session, { desired: "stop" });
      expect(await hub.ended(session)).toMatchObject({ exit_code: 0, was_ended: false });
    });

    test("a session at its time limit is asked for a checkpoint before it ends", async () => {
      await runner.start();
      const session = hub.assign(STOPPABLE, { timeout_ms: 1_000, grace_ms: 10_000 });
      expect((await hub.ended(session)).failure?.code).toBe("timeout");
      expect(hub.recordsOf(session.attempt_id, "checkpoint")).toMatchObject([{ name: "preempted" }]);
      expect(hub.log(session.attempt_id).join("\n")).toContain("limit of 1 s. It is asked for a checkpoint");
    });

    test("interrupted work goes on from its checkpoint; a script that can't load begins anew and says so", async () => {
      await runner.start();
      const checkpoint = { name: "preempted", tree_id: hub.addTree({ w: "41" }) };
      const loading = hub.assign(GOES_ON, { checkpoint, resumes: true });
      expect((await hub.ended(loading)).failure).toBeNull();
      expect(hub.log(loading.attempt_id)).toEqual(["from 41"]);
      const anew = hub.assign(GOES_ON, { checkpoint, resumes: true, args: ["--no-load"] });
      expect((await hub.ended(anew)).failure).toBeNull();
      expect(hub.log(anew.attempt_id)).toContain("from 0");
      const asked = hub.assign(GOES_ON, { checkpoint, args: ["--no-load"] });
      expect((await hub.ended(asked)).failure?.message).toContain("no load function is bound");
    });
  });
}

const STOPPABLE = `
import os, time
import podium
podium.bind(save=lambda path: open(os.path.join(path, "w"), "w").write("x"))
print("up")
while True:
    podium.report(loss=1)
    time.sleep(0.05)
`;

const UNBOUND = `
import time
import podium
print("up")
while True:
    podium.report(loss=1)
    time.sleep(0.05)
`;

const ENDS_WHEN_SAVED = `
import os, time
import podium
def save(path):
    os._exit(0)
podium.bind(save=save)
print("up")
while True:
    podium.report(loss=1)
    time.sleep(0.05)
`;

const GOES_ON = `
import os, sys
import podium
model = {"w": 0}
def load(path):
    model["w"] = int(open(os.path.join(path, "w")).read())
podium.bind(save=lambda path: None, load=None if "--no-load" in sys.argv else load)
podium.paused()
print("from", model["w"])
`;
