import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeNode, makeTree } from "../testing/factories.ts";
import { advanceStudy } from "./advance.ts";
import { createStudy } from "./create.ts";
import { findStudy, trialsOf, updateTrial } from "./store.ts";

async function makeStudy(member: Awaited<ReturnType<typeof makeMember>>, gpus = 0) {
  const request = createStudySchema.parse({
    session: { code_tree: await makeTree(member, { "main.py": "" }), resources: { gpus } },
    space: { "--lr": { uniform: [0, 1] } },
    objective: { metric: "loss", direction: "minimize" },
    trials: 6,
    parallel: 3,
  });
  return member.db.transaction((tx) => createStudy(member, tx, request));
}

test("however often a study is looked at, no more trials run at once than it allows", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const id = await makeStudy(member);
    const running = async () => (await trialsOf(db, id)).filter((trial) => trial.state === "running");
    const before = await running();
    for (let turn = 0; turn < 3; turn++) await db.transaction((tx) => advanceStudy(member, tx, id));
    expect(await running()).toEqual(before);

    await db.transaction((tx) => updateTrial(tx, before[1]?.id ?? "", { state: "succeeded", value: 1 }));
    await db.transaction((tx) => advanceStudy(member, tx, id));
    expect((await running()).map((trial) => trial.number)).toEqual([1, 3, 4]);
  }));

test("trials that no node can take any more have failed, and the study ends", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const id = await makeStudy(member, 8);
    await makeNode(ctx, 1);
    for (const trial of (await trialsOf(db, id)).slice(0, 3))
      await db.transaction((tx) => updateTrial(tx, trial.id, { state: "succeeded", value: 1 }));

    await db.transaction((tx) => advanceStudy(member, tx, id));
    expect((await trialsOf(db, id)).slice(3).map((trial) => trial.state)).toEqual([
      "failed",
      "failed",
      "failed",
    ]);
    expect((await findStudy(db, id))?.study.state).toBe("finished");
  }));

test("a study that is not there is passed over", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await db.transaction((tx) => advanceStudy(ctx, tx, ctx.ids.next("study")));
    expect(await trialsOf(db, "none")).toEqual([]);
  }));
