import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import { startMonitor } from "./duty.ts";
import { clusterFigures } from "./schema.ts";

test("of two hubs one takes the samples, and the other goes on when it has stopped", () =>
  withDatabase(async ({ db }) => {
    const contexts = [systemContext(db), systemContext(db)];
    const monitors = contexts.map((ctx) => startMonitor(ctx));
    const samples = async (count: number) => {
      while ((await db.select().from(clusterFigures)).length < count) {
        for (const monitor of monitors) monitor.wake();
        await Bun.sleep(20);
      }
    };
    try {
      await samples(1);
      for (const ctx of contexts) ctx.clock.advance(10_000);
      await samples(2);
      await monitors.shift()?.stop();
      for (const ctx of contexts) ctx.clock.advance(10_000);
      await samples(3);
    } finally {
      await Promise.all(monitors.map((monitor) => monitor.stop()));
    }
    expect((await db.select().from(clusterFigures)).map(({ at }) => at.getSeconds()).sort()).toEqual([
      0, 10, 20,
    ]);
  }));
