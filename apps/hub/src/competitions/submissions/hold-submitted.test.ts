import { describe, expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeTree } from "../../testing/factories.ts";
import { changeRound, roundOf, submitCode, submitFile } from "../../testing/submissions.ts";
import { holdSubmitted } from "./hold-submitted.ts";

const code = {
  round: { accepts: ["code", "predictions"], limits: { file_bytes: 20, memory_bytes: 2 ** 30 } },
};

describe("a prediction file", () => {
  test("that is larger than the round takes is refused before anything reads it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, code);
      const entrant = await makeEntrant(ctx, name);
      expect((await submitFile(entrant, name, "id,prediction\na,1\n")).state).toBe("scoring");
      await expect(submitFile(entrant, name, "id,prediction\na,1\nb,2\n")).rejects.toMatchObject({
        code: "payload_too_large",
        message: "The prediction file has 22 bytes; this round takes 20, decompressed.",
      });
    }));
});

describe("code", () => {
  test("is held with what it asks for, in the memory that the round gives", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, code);
      const entrant = await makeEntrant(ctx, name);
      const tree_id = await makeTree(entrant, { "predict.py": "pass\n" });
      const round = await roundOf(ctx, name);
      const asked = { memory_bytes: 2 ** 40, gpus: 2 } as never;
      const input = { kind: "code" as const, tree_id, entrypoint: "predict.py", resources: asked };
      const held = await db.transaction((tx) => holdSubmitted(tx, entrant.team, round, input));
      expect(held).toMatchObject({
        codeTree: tree_id,
        run: { entrypoint: "predict.py", resources: { memory_bytes: 2 ** 30, gpus: 2 } },
      });
    }));

  test("without its entrypoint is refused, except where an ingestion program runs it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, organizer } = await makeCompetition(ctx, code);
      const entrant = await makeEntrant(ctx, name);
      await expect(submitCode(entrant, name, { entrypoint: "model.py" })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining('no file "model.py"'),
      });
      const ingestionTree = await makeTree(organizer, { metadata: "command: true\n" });
      await changeRound(ctx, name, { ingestionTree });
      expect((await submitCode(entrant, name, { entrypoint: "model.py" })).kind).toBe("code");
    }));

  test("of another team is not there", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name } = await makeCompetition(ctx, code);
      const [entrant, rival] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
      const tree_id = await makeTree(rival, { "main.py": "secret = 1\n" });
      const round = await roundOf(ctx, name);
      const call = db.transaction((tx) => holdSubmitted(tx, entrant.team, round, { kind: "code", tree_id }));
      await expect(call).rejects.toMatchObject({ code: "not_found" });
    }));
});
