import { expect, setDefaultTimeout, test } from "bun:test";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(30_000);

test("a runner repeats what it has heard was taken back from its node; a new one knows of nothing", async () => {
  const hub = new TestHub();
  const runner = await TestRunner.create(hub);
  try {
    await runner.start();
    await hub.until("it has heard of the hub", () => hub.heardFences.at(-1) === 0);
    hub.fence = 2;
    await hub.until("it says so", () => hub.heardFences.at(-1) === 2);
    await runner.kill();
    await runner.start();
    await hub.until("the new one says so, too", () => hub.heardFences.length >= 5);
    expect(hub.heardFences.slice(0, 5)).toEqual([null, 0, 2, null, 2]);
  } finally {
    await runner.dispose();
    await hub.close();
  }
  expect(hub.violations).toEqual([]);
});
