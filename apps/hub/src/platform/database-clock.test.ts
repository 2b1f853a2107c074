import { expect, test } from "bun:test";
import { withDatabase } from "../testing/database.ts";
import { systemClock } from "./clock.ts";
import { agreeOnTime } from "./database-clock.ts";
import { createLog } from "./log.ts";

const HOUR = 3_600_000;
const log = createLog("silent", "test");

test("a hub whose machine is hours off goes by the database's time; one that is right by its own", () =>
  withDatabase(async ({ sql }) => {
    for (const off of [0, 5 * HOUR, -5 * HOUR]) {
      const own = { now: () => new Date(systemClock.now().getTime() + off) };
      const clock = await agreeOnTime(sql, own, log);
      const [row] = await sql`select clock_timestamp() as now`;
      const difference = clock.now().getTime() - new Date(String(row?.["now"])).getTime();
      clock.stop();
      expect(Math.abs(difference)).toBeLessThan(HOUR);
      if (off === 0) expect(clock.now().getTime()).toBeLessThanOrEqual(systemClock.now().getTime());
    }
  }));
