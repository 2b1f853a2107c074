import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember, makeRunningSession, makeSession, reload } from "../../testing/factories.ts";
import { stopUnlessEnding } from "./stop-unless-ending.ts";

test("what runs or waits is stopped, once; what is ending already is left alone", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    for (const [session, state] of [
      [await makeRunningSession(member), "stopping"],
      [await makeSession(member), "stopped"],
    ] as const) {
      for (const reason of ["nobody needs it", "asked again"])
        await db.transaction((tx) => stopUnlessEnding(ctx, tx, session.id, reason));
      expect(await reload(ctx, session)).toMatchObject({ state, stopReason: "nobody needs it" });
    }
    await db.transaction((tx) => stopUnlessEnding(ctx, tx, "ses_none", "there is none"));
  }));
