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

test("shares of a device are held together up to all of it; a whole one waits until nobody has any", async () => {
  const claims = new DeviceClaims();
  await claims.claim("half", [0], never, 500);
  await claims.claim("other half", [0], never, 500);
  const order: string[] = [];
  const third = claims.claim("third", [0], never, 1).then(() => order.push("third"));
  const whole = claims.claim("whole", [0], never).then(() => order.push("whole"));
  claims.release("half");
  await third;
  claims.release("other half");
  await Promise.resolve();
  expect(order).toEqual(["third"]);
  claims.release("third");
  await whole;
  expect(order).toEqual(["third", "whole"]);
});
