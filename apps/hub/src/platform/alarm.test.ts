import { expect, test } from "bun:test";
import { createAlarm } from "./alarm.ts";

const LONG_MS = 60_000;

test("a ring ends the pause", async () => {
  const alarm = createAlarm();
  const pause = alarm.wait(LONG_MS);
  alarm.ring();
  expect(await pause).toBeUndefined();
});

test("a ring that comes while nobody waits ends the next pause, and only that one", async () => {
  const alarm = createAlarm();
  alarm.ring();
  alarm.ring();
  await alarm.wait(LONG_MS);
  const second = alarm.wait(LONG_MS).then(() => "over");
  expect(await Promise.race([second, Bun.sleep(5).then(() => "waiting")])).toBe("waiting");
  alarm.ring();
  expect(await second).toBe("over");
});

test("without a ring the pause ends by itself", async () => {
  expect(await createAlarm().wait(1)).toBeUndefined();
});
