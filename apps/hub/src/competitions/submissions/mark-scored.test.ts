import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";
import { reloadSubmission, submitFile } from "../../testing/submissions.ts";
import { updateSubmission } from "../store.ts";
import { failSubmission } from "./fail.ts";
import { markScored } from "./mark-scored.ts";

test("a submission is scored once, whoever says so at the same moment", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const { id } = await submitFile(await makeEntrant(ctx, name), name);
    const told = await Promise.all(
      [1, 2, 3, 4].map((score) => db.transaction((tx) => markScored(ctx, tx, id, score))),
    );
    expect(told.filter(Boolean)).toHaveLength(1);
    expect((await reloadSubmission(ctx, { id })).score).toBe(told.indexOf(true) + 1);
    expect((await outboxTypes(db)).filter((type) => type === "submission.scored")).toHaveLength(1);
  }));

test("one that is not with the scorer, or has failed, can't be scored", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const { id } = await submitFile(await makeEntrant(ctx, name), name);
    const mark = () => db.transaction((tx) => markScored(ctx, tx, id, 1));
    const move = (state: "inferring" | "scoring") =>
      db.transaction((tx) => updateSubmission(tx, id, { state }));
    await move("inferring");
    expect(await mark()).toBe(false);
    await move("scoring");
    await db.transaction((tx) => failSubmission(ctx, tx, id, { code: "x", message: "x", platform: true }));
    expect(await mark()).toBe(false);
    expect(await reloadSubmission(ctx, { id })).toMatchObject({ state: "failed", score: null });
  }));
