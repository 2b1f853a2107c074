import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCheckpoint, makeMember, makeRunningSession } from "../testing/factories.ts";
import { requireCheckpoint } from "./find-checkpoint.ts";

test("a checkpoint is found by its session and name", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const treeId = await makeCheckpoint(member, session, "best");
    expect(await requireCheckpoint(db, session, "best")).toMatchObject({ name: "best", treeId });
  }));

test("a name that is not there is answered with those that are, or with how to save one", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    await expect(requireCheckpoint(db, session, "best")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("podium.save()"),
    });
    await makeCheckpoint(member, session, "epoch-1");
    await expect(requireCheckpoint(db, session, "best")).rejects.toMatchObject({
      message: expect.stringContaining("It has: epoch-1."),
    });
  }));
