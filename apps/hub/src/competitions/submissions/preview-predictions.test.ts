import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeTree } from "../../testing/factories.ts";
import { giveSample, submitFile } from "../../testing/submissions.ts";
import { updateSubmission } from "../store.ts";
import { previewPredictions } from "./preview-predictions.ts";

test("of a trial run its entrant and the organizer see the first ten predictions, nobody else", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    await giveSample(organizer, name);
    const entrant = await makeEntrant(ctx, name);
    const rows = Array.from({ length: 30 }, (_, row) => `${row},1`);
    const text = ["id,prediction", ...rows, ""].join("\r\n");
    const { id } = await submitFile(entrant, name, text, { trial: true });
    const shown = { file: "predictions.csv", lines: ["id,prediction", ...rows.slice(0, 10)] };
    expect(await previewPredictions(entrant, id)).toEqual(shown);
    expect(await previewPredictions(organizer, id)).toEqual(shown);
    const rival = await makeEntrant(ctx, name);
    await expect(previewPredictions(rival, id)).rejects.toMatchObject({ code: "not_found" });

    const predictionsTree = await makeTree(entrant, { "predictions.npy": "\u0093NUMPY" });
    await db.transaction((tx) => updateSubmission(tx, id, { predictionsTree }));
    expect(await previewPredictions(entrant, id)).toEqual({ file: "predictions.npy", lines: [] });
    await db.transaction((tx) => updateSubmission(tx, id, { predictionsTree: null }));
    await expect(previewPredictions(entrant, id)).rejects.toMatchObject({ code: "conflict" });
  }));

test("what was predicted from hidden inputs is shown to nobody: it could repeat them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const { id } = await submitFile(entrant, name);
    for (const who of [entrant, organizer])
      await expect(previewPredictions(who, id)).rejects.toMatchObject({ code: "conflict" });
  }));
