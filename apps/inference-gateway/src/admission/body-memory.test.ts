import { expect, test } from "bun:test";
import { BodyMemory } from "./body-memory.ts";

const request = (headers: Record<string, string>) =>
  new Request("http://gateway/m", { method: "POST", headers });

test("bodies are held together up to the limit, by what they declare, then by what they are", () => {
  const memory = new BodyMemory(1_000);
  const first = memory.hold(request({ "content-length": "600" }), 800);
  expect(() => memory.hold(request({ "content-length": "500" }), 800)).toThrow("holds as many bytes");
  const second = memory.hold(request({ "content-length": "400" }), 800);
  const corrected = memory.correct(first, 100);
  expect(memory.heldBytes).toBe(500);
  memory.release(corrected);
  memory.release(second);
  expect(memory.heldBytes).toBe(0);
});

test("a body of unknown length counts as the largest until it is there, and one alone always fits", () => {
  const memory = new BodyMemory(1_000);
  const whole = memory.hold(request({}), 5_000);
  expect(whole).toBe(5_000);
  expect(() => memory.hold(request({ "content-length": "1" }), 5_000)).toThrow();
  memory.release(memory.correct(whole, 10));
  const packed = memory.hold(request({ "content-length": "10", "content-encoding": "gzip" }), 700);
  expect(packed).toBe(700);
  memory.release(packed);
  expect(memory.heldBytes).toBe(0);
});
