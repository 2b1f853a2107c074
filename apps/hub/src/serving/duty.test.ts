import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeVersions, setShares } from "../testing/traffic.ts";
import { startTrafficDuty } from "./duty.ts";

test("the hub that leads takes off, by itself, what has had no traffic for long", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx);
    await setShares(member, endpoint, "2=100");
    ctx.clock.advance(3_600_000);
    const duty = startTrafficDuty(ctx);
    await duty.stop();
    expect((await versions[0]?.reload())?.state).toBe("draining");
  }));
