import { expect, test } from "bun:test";
import { createUploadLimiter } from "./upload-limiter.ts";

test("one more than allowed is refused with when to try again, until one of them has ended, well or not", async () => {
  const limiter = createUploadLimiter();
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const [first, second] = ends.map(({ promise }) => limiter.during("ann", 2, () => promise));
  const refused = { code: "overloaded", details: { retry_after_seconds: 1 } };
  await expect(limiter.during("ann", 2, async () => "in")).rejects.toMatchObject(refused);
  expect(await limiter.during("eve", 2, async () => "in")).toBe("in");

  ends[0].resolve();
  await first;
  expect(await limiter.during("ann", 2, async () => "in")).toBe("in");
  ends[1].reject(new Error("cut off"));
  await expect(second).rejects.toThrow("cut off");
  expect(await limiter.during("ann", 1, async () => "in")).toBe("in");
});
