import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { collectTrees } from "./data/index.ts";
import { namedTrees } from "./duties.ts";
import { systemContext } from "./testing/context.ts";
import { withRollback } from "./testing/database.ts";
import {
  makeCheckpoint,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeSession,
  makeTree,
} from "./testing/factories.ts";
import { submitCheckpoint, submitFile } from "./testing/submissions.ts";
import { createStudy } from "./tuning/create.ts";

const DAY_MS = 86_400_000;

test("of all that people have made nothing is garbage, but a tree that nothing names", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, contest.name);
    await submitFile(entrant, contest.name);
    await submitCheckpoint(entrant, contest.name);

    const member = await makeMember(ctx);
    const code_tree = await makeTree(member, { "main.py": "a study's" });
    const study = { session: { code_tree }, space: { "--lr": { choice: [1, 2] } }, trials: 2 };
    const objective = { metric: "loss", direction: "minimize" };
    await db.transaction((tx) => createStudy(member, tx, createStudySchema.parse({ ...study, objective })));
    const session = await makeSession(member);
    await makeCheckpoint(member, session, "last");

    ctx.clock.advance(2 * DAY_MS);
    expect(await collectTrees(ctx, namedTrees())).toBe(0);
    await makeTree(member, { "model.json": "named by nothing" });
    ctx.clock.advance(2 * DAY_MS);
    expect(await collectTrees(ctx, namedTrees())).toBe(1);
  }));

test("a study keeps the code of the trials that it has not started", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const code_tree = await makeTree(member, { "main.py": "a study's" });
    const parsed = createStudySchema.parse({
      session: { code_tree },
      space: { "--lr": { choice: [1, 2] } },
      objective: { metric: "loss", direction: "minimize" },
      trials: 3,
      parallel: 1,
    });
    await db.transaction((tx) => createStudy(member, tx, parsed));
    member.clock.advance(2 * DAY_MS);
    // Without what sessions name: the study must do it by itself.
    const [datasets, , checkpoints, studies, competitions] = namedTrees();
    const others = [datasets, checkpoints, studies, competitions].filter((each) => each !== undefined);
    expect(await collectTrees(member, others)).toBe(0);
  }));
