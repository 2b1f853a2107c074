import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant, makeNode, makeTree, reload } from "../testing/factories.ts";
import { reloadSubmission, submitCheckpoint, submitFile } from "../testing/submissions.ts";
import { startInference } from "./infer.ts";

test("a checkpoint's inference is queued over the hidden inputs, hidden from its team, ahead of training", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const limits = { infer_timeout: "3m", memory_bytes: 2 ** 30 };
    const { name, organizer, trees } = await makeCompetition(ctx, { round: { limits, id_field: "key" } });
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name, { args: ["--deep"] });
    await startInference(ctx, submission.id);

    const { state, inferSessionId } = await reloadSubmission(ctx, submission);
    expect(state).toBe("inferring");
    expect(await reload(ctx, { id: inferSessionId ?? "" })).toMatchObject({
      kind: "infer",
      state: "queued",
      teamId: entrant.team.id,
      hidden: true,
      outputTeamId: organizer.team.id,
      args: ["--deep"],
      input: { tree_id: trees.inputs, id_field: "key" },
      checkpoint: { name: "best" },
      timeoutMs: 180_000,
      resources: { memory_bytes: 2 ** 30 },
      priority: 10,
    });
  }));

test("a submission infers in the environment that it trained in, whatever nodes there are by then", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const code_tree = await makeTree(entrant, { "main.py": "", "requirements.txt": "# nsml: ml:1\nnumpy\n" });
    const submission = await submitCheckpoint(entrant, name, { code_tree });
    await makeNode(ctx, 0, ["docker"]);
    await startInference(ctx, submission.id);
    const { sessionId, inferSessionId } = await reloadSubmission(ctx, submission);
    const trained = await reload(ctx, { id: sessionId ?? "" });
    expect(trained).toMatchObject({ image: null, droppedImage: "ml:1", environment: expect.any(String) });
    const { image, droppedImage, environment } = trained;
    expect(await reload(ctx, { id: inferSessionId ?? "" })).toMatchObject({
      image,
      droppedImage,
      environment,
    });
  }));

test("a prediction file goes to the scorer as it is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const submission = await submitFile(await makeEntrant(ctx, name), name);
    await startInference(ctx, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({ state: "scoring", inferSessionId: null });
    expect((await outboxTypes(db)).at(-1)).toBe("submission.predicted");
  }));

test("an inference that no node could run fails the submission with the reason", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { memory_bytes: 2 ** 40 } } });
    const submission = await submitCheckpoint(await makeEntrant(ctx, name), name);
    await makeNode(ctx);
    await startInference(ctx, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "no_node_fits", message: expect.stringContaining("of memory free") },
      refunded: true,
    });
  }));

test("told twice at once, it infers once", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const submission = await submitCheckpoint(await makeEntrant(ctx, name), name);
    await Promise.all(Array.from({ length: 5 }, () => startInference(ctx, submission.id)));
    await startInference(ctx, submission.id);
    expect((await outboxTypes(db)).filter((type) => type === "session.queued")).toHaveLength(2);
  }));

test("a submission that is not there is passed over", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await startInference(ctx, ctx.ids.next("submission"));
    expect(await outboxTypes(db)).toEqual([]);
  }));
