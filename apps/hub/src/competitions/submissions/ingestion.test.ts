import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeTree, reload } from "../../testing/factories.ts";
import { changeRound, reloadSubmission, roundOf, submitCode } from "../../testing/submissions.ts";
import { startInference } from "./infer.ts";

const code = { round: { accepts: ["code"] } };

test("in a round with an ingestion program that program is run, with the code beside it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, trees } = await makeCompetition(ctx, code);
    const ingestionTree = await makeTree(organizer, {
      "metadata.yaml": "command: python3 $program/ingestion.py $input $output $submission_program\n",
      "ingestion.py": "pass\n",
    });
    await changeRound(ctx, name, { ingestionTree });
    const submission = await submitCode(await makeEntrant(ctx, name), name);
    await startInference(ctx, submission.id);
    const { inferSessionId, codeTree } = await reloadSubmission(ctx, submission);
    const session = await reload(ctx, { id: inferSessionId ?? "" });
    expect(session).toMatchObject({
      kind: "infer",
      hidden: true,
      outputTeamId: organizer.team.id,
      codeTree: ingestionTree,
      entrypoint: "metadata.yaml",
      input: { tree_id: trees.inputs, id_field: "id" },
    });
    const mounted = session.datasets.map(({ name: mount, tree_id }) => [mount, tree_id]);
    expect(mounted).toEqual([
      [`${name}-round-1`, trees.train],
      ["submission", codeTree ?? ""],
    ]);
    expect(JSON.stringify(session)).not.toContain((await roundOf(ctx, name)).labelsTree);
  }));

test("a program that doesn't say how it is run is the organizer's fault: it costs the entrant nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, code);
    await changeRound(ctx, name, { ingestionTree: await makeTree(organizer, { "ingestion.py": "pass\n" }) });
    const submission = await submitCode(await makeEntrant(ctx, name), name);
    await startInference(ctx, submission.id);
    expect(await reloadSubmission(ctx, submission)).toMatchObject({
      state: "failed",
      failure: { code: "invalid_bundle", message: expect.stringContaining("tell the organizer") },
      refunded: true,
      platformFault: true,
    });
  }));
