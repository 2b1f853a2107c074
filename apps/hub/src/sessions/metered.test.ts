import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeRunningSession } from "../testing/factories.ts";
import { meteredOf } from "./metered.ts";

test("what is charged: the session's own prices, and the models of the devices that its attempt holds", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member, { resources: { gpus: 2 } });
    const metered = await db.transaction((tx) => meteredOf(tx, { id: session.attemptId ?? "" }, session));
    expect(metered).toMatchObject({
      teamId: member.team.id,
      sessionId: session.id,
      attemptId: session.attemptId,
      prices: session.prices,
      models: ["H100", "H100"],
    });
  }));
