import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeNode, makeTree, reload } from "../../testing/factories.ts";
import {
  giveSample,
  reloadSubmission,
  roundOf,
  submitCheckpoint,
  submitCode,
  submitFile,
} from "../../testing/submissions.ts";
import { updateSubmission } from "../store.ts";
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

test("a prediction file that an older hub has accepted goes to the scorer as it is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const submission = await submitFile(await makeEntrant(ctx, name), name);
    await db.transaction((tx) => updateSubmission(tx, submission.id, { state: "queued" }));
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

test("code runs over the hidden inputs as a checkpoint does, with the round's data and what it asked for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, trees } = await makeCompetition(ctx, { round: { accepts: ["code"] } });
    const submission = await submitCode(await makeEntrant(ctx, name), name, { resources: { gpus: 1 } });
    await startInference(ctx, submission.id);
    const { inferSessionId, codeTree } = await reloadSubmission(ctx, submission);
    expect(await reload(ctx, { id: inferSessionId ?? "" })).toMatchObject({
      kind: "infer",
      hidden: true,
      codeTree,
      entrypoint: "main.py",
      checkpoint: null,
      input: { tree_id: trees.inputs, id_field: "id" },
      datasets: [{ name: `${name}-round-1`, tree_id: trees.train }],
      resources: { gpus: 1, memory_bytes: 2 * 1024 ** 3 },
      turn: submission.priority,
    });
  }));

test("a trial run sees the sample alone, and is its team's to look into", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    await giveSample(organizer, name);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name, {}, { trial: true });
    await startInference(ctx, submission.id);
    const { inferSessionId } = await reloadSubmission(ctx, submission);
    const session = await reload(ctx, { id: inferSessionId ?? "" });
    const { sampleInputsTree } = await roundOf(ctx, name);
    expect(session).toMatchObject({
      hidden: false,
      outputTeamId: null,
      input: { tree_id: sampleInputsTree },
    });
    const { ask } = apiOf(entrant);
    expect((await ask("GET", `/sessions/${session.id}/logs`)).status).toBe(200);
    expect((await ask("GET", `/submissions/${submission.id}`)).json()).toMatchObject({
      trial: true,
      session: session.name,
    });
    const real = await submitCheckpoint(entrant, name);
    await startInference(ctx, real.id);
    expect((await ask("GET", `/submissions/${real.id}`)).json().session).toBeNull();
    const seen = (await apiOf(organizer).ask("GET", `/submissions/${real.id}`)).json();
    expect(seen.session).toEqual(expect.stringContaining("/"));
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
