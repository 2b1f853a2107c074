import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { reloadSubmission, submitFile } from "../../testing/submissions.ts";
import { noteSubmission } from "./note-submission.ts";

test("an entrant writes, changes and takes away a memo of its submission; nobody else may", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const { id } = await submitFile(entrant, name, undefined, { memo: "first try" });
    const memos = [(await reloadSubmission(ctx, { id })).memo];
    for (const memo of ["more trees", ""]) {
      await db.transaction((tx) => noteSubmission(entrant, tx, { id, memo }));
      memos.push((await reloadSubmission(ctx, { id })).memo);
    }
    expect(memos).toEqual(["first try", "more trees", null]);
    expect((await outboxTypes(db)).filter((type) => type === "submission.changed")).toHaveLength(2);
    for (const other of [organizer, await makeEntrant(ctx, name)]) {
      const call = db.transaction((tx) => noteSubmission(other, tx, { id, memo: "mine" }));
      await expect(call).rejects.toMatchObject({ code: "not_found" });
    }
  }));
