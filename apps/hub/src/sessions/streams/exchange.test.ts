import { expect, test } from "bun:test";
import { createExchange } from "./exchange.ts";

function makeSocket(buffered = 0) {
  const got: unknown[] = [];
  let closed = 0;
  return {
    send: (data: unknown) => void got.push(data),
    close: () => void closed++,
    buffered: () => buffered,
    got,
    closed: () => closed,
  };
}
const FOREVER = { waitMs: 600_000, idleMs: 600_000 };
const bytes = (size: number) => new Uint8Array(size);

test("what one side sends reaches the other, from when both are there", () => {
  const exchange = createExchange(FOREVER);
  const [person, runner] = [makeSocket(), makeSocket()];
  let ends = 0;
  exchange.wait("a", person, () => void ends++);
  exchange.pass("a", "person", "lost");
  expect(exchange.join("a", runner)).toBe(true);
  expect(exchange.join("a", makeSocket())).toBe(false);
  exchange.pass("a", "person", "typed");
  exchange.pass("a", "runner", "printed");
  expect(runner.got.at(-1)).toBe("typed");
  expect(person.got.at(-1)).toBe("printed");
  exchange.leave("a", "person");
  expect([ends, person.closed(), runner.closed()]).toEqual([1, 1, 1]);
  exchange.leave("a", "runner");
  expect(ends).toBe(1);
});

test("nobody joins a stream that nobody waits at", () => {
  expect(createExchange(FOREVER).join("a", makeSocket())).toBe(false);
});

test("a side that sends more than the other takes is cut off, and the person is told", () => {
  for (const [size, buffered] of [
    [1, 3 * 1024 * 1024],
    [65 * 1024, 0],
  ] as const) {
    const exchange = createExchange(FOREVER);
    const [person, runner] = [makeSocket(buffered), makeSocket()];
    exchange.wait("a", person, () => {});
    exchange.join("a", runner);
    exchange.pass("a", "runner", bytes(size));
    expect(String(person.got.at(-1))).toContain("More was sent");
    expect(runner.closed()).toBe(1);
  }
});

test("a node that does not answer, and a shell that nobody uses, end by themselves", async () => {
  const exchange = createExchange({ waitMs: 1, idleMs: 1 });
  for (const joins of [false, true]) {
    const person = makeSocket();
    const ended = new Promise<void>((resolve) => void exchange.wait("a", person, resolve));
    if (joins) exchange.join("a", makeSocket());
    await ended;
    expect(String(person.got.at(-1))).toContain(joins ? "too long" : "did not answer");
  }
});
