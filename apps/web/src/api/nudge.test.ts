import { expect, test } from "bun:test";
import { createNudge } from "./nudge.ts";

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test("changes that come during a fetch cause exactly one more", async () => {
  const finish: (() => void)[] = [];
  const nudge = createNudge(() => new Promise<void>((resolve) => finish.push(resolve)));

  nudge();
  nudge();
  nudge();
  expect(finish).toHaveLength(1);

  finish[0]?.();
  await settled();
  expect(finish).toHaveLength(2);

  finish[1]?.();
  await settled();
  expect(finish).toHaveLength(2);

  nudge();
  expect(finish).toHaveLength(3);
});

test("a fetch that fails does not end the following", async () => {
  let runs = 0;
  const nudge = createNudge(() => {
    runs += 1;
    return Promise.reject(new Error("hub away"));
  });
  nudge();
  await settled();
  nudge();
  await settled();
  expect(runs).toBe(2);
});
