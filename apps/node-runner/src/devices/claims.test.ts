import { expect, test } from "bun:test";
import { DeviceClaims } from "./claims.ts";

const never = new AbortController().signal;

test("a device is handed on only after its holder let go", async () => {
  const claims = new DeviceClaims();
  const order: string[] = [];
  await claims.claim("first", [0, 1], never);
  const second = claims.claim("second", [1], never).then(() => order.push("second has it"));
  await Promise.resolve();
  order.push("first lets go");
  claims.release("first");
  await second;
  expect(order).toEqual(["first lets go", "second has it"]);
});

test("an attempt that is called off stops waiting", async () => {
  const claims = new DeviceClaims();
  claims.hold("first", [0]);
  const off = new AbortController();
  const waiting = claims.claim("second", [0], off.signal);
  off.abort(new Error("called off"));
  await expect(waiting).rejects.toThrow("called off");
});
