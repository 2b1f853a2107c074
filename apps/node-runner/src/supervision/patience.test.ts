import { expect, test } from "bun:test";
import { Patience } from "./patience.ts";

test("there is patience for as long as something comes, and no longer", async () => {
  let left = 5;
  const patience = new Patience(5, () => (left > 0 ? --left : 0));
  const gaveUp = new Promise<unknown>((resolve) =>
    patience.signal.addEventListener("abort", () => resolve(patience.signal.reason), { once: true }),
  );
  expect(await gaveUp).toMatchObject({ name: "TimeoutError" });
  expect(left).toBe(0);
  patience.stop();
});
