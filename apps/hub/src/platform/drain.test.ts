import { expect, test } from "bun:test";
import { createDrain } from "./drain.ts";

test("shutdown waits until the last write has ended, also one that failed", async () => {
  const drain = createDrain();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const writes = [
    drain.during(() => first.promise).then(() => order.push("first")),
    drain.during(() => second.promise).catch(() => order.push("second")),
  ];
  const finished = drain.finished(60_000).then(() => order.push("finished"));
  first.resolve();
  await Bun.sleep(1);
  second.reject(new Error("refused"));
  await Promise.all([...writes, finished]);
  expect(order).toEqual(["first", "second", "finished"]);
});

test("a write that never ends holds shutdown up for so long and no longer", async () => {
  const drain = createDrain();
  void drain.during(() => new Promise(() => undefined));
  expect(await drain.finished(10)).toBeUndefined();
});

test("an idle hub shuts down at once, also after earlier writes", async () => {
  const drain = createDrain();
  await drain.during(async () => "done");
  expect(await drain.finished(60_000)).toBeUndefined();
});
