import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { statfsSync } from "node:fs";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(90_000);

const isRoot = process.getuid?.() === 0;
const title = isRoot
  ? "the machine's full disk"
  : "the machine's full disk (skipped: needs root to mount one)";

/** Takes all that there is, and says so past the disk. */
const FILL = `import os, time
import podium
try:
    with open(os.environ["HOME"] + "/hog", "wb", buffering=0) as hog:
        while True:
            hog.write(bytes(4096))
except OSError:
    pass
`;

describe.skipIf(!isRoot && Bun.env["CI"] !== "true")(title, () => {
  let hub: TestHub;
  let runner: TestRunner;

  beforeEach(async () => {
    hub = new TestHub();
    hub.waitMs = 60_000;
    runner = await TestRunner.create(hub, { PODIUM_SCRATCH: "folder" });
    Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=16m", "none", runner.data]);
    await runner.start();
  });
  afterEach(async () => {
    await runner.stop();
    Bun.spawnSync(["umount", runner.data]);
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
  });

  /** There is room again for another. */
  async function goesOn() {
    expect(await hub.ended(hub.assign("print('next')"))).toMatchObject({ exit_code: 0, failure: null });
  }

  test("whose report finds no room ends, its files go, and it was the platform's fault", async () => {
    const session = hub.assign(`${FILL}
podium.report(step=1, loss=1)
time.sleep(600)`);
    const { failure } = await hub.ended(session);
    expect(failure).toMatchObject({ code: "platform_error", message: "The machine's disk is full." });
    hub.drop(session.attempt_id);
    await goesOn();
  });

  test("keeps nobody from stopping the session that has filled it", async () => {
    const session = hub.assign(`${FILL}
time.sleep(600)`);
    const isFull = () => statfsSync(runner.data).bavail === 0;
    await hub.until("the disk is full", isFull);
    hub.change(session, { desired: "stop" });
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    hub.drop(session.attempt_id);
    await goesOn();
  });

  test("takes no exit code from a session that ends on it", async () => {
    const session = hub.assign(`${FILL}
raise SystemExit(7)`);
    expect(await hub.ended(session)).toMatchObject({ exit_code: 7 });
    hub.drop(session.attempt_id);
    await goesOn();
  });
});
