import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { sendBlob } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { counted, withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { missingBlobs } from "./missing.ts";

test("what the team has not sent is missing, in the order asked, whoever else has it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const mine = await sendBlob(ann, "mine");
    const theirs = await sendBlob(bob, "theirs");
    const asked = [theirs, mine, sha256("nobody's")];
    expect(await missingBlobs(ann, { teamId: ann.team.id, sha256: asked })).toEqual([
      theirs,
      sha256("nobody's"),
    ]);
    expect(await missingBlobs(ann, { teamId: ann.team.id, sha256: [] })).toEqual([]);
  }));

test("ten thousand names cost as many statements as one", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const { db: counting, asked } = counted(db);
    const names = Array.from({ length: 10_000 }, (_, n) => sha256(`${n}`));
    expect(
      await missingBlobs({ ...member, db: counting }, { teamId: member.team.id, sha256: names }),
    ).toEqual(names);
    expect(asked()).toBe(1);
  }));
