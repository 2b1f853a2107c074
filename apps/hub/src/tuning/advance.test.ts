import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import type { SessionSpec } from "../sessions/index.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeNode, makeTree, reload } from "../testing/factories.ts";
import { advanceStudy } from "./advance.ts";
import { createStudy } from "./create.ts";
import { findStudy, insertStudy, trialsOf, updateTrial } from "./store.ts";

async function makeStudy(member: Member, gpus = 0, files: Record<string, string> = {}) {
  const request = createStudySchema.parse({
    session: { code_tree: await makeTree(member, { "main.py": "", ...files }), resources: { gpus } },
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

test("all trials run in the environment that the study was made with", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const id = await makeStudy(member, 0, { "requirements.txt": "#nsml: ml:1\nnumpy\n" });
    await makeNode(ctx, 0, ["docker"]);
    const trials = await trialsOf(db, id);
    for (const trial of trials.slice(0, 2))
      await db.transaction((tx) => updateTrial(tx, trial.id, { state: "succeeded", value: 1 }));
    await db.transaction((tx) => advanceStudy(member, tx, id));
    const sessionOf = async (number: number) => {
      const trial = (await trialsOf(db, id)).find((each) => each.number === number);
      return reload(ctx, { id: trial?.sessionId ?? "" });
    };
    const { image, environment } = await sessionOf(1);
    expect([image, environment]).toEqual([null, expect.any(String)]);
    expect(await sessionOf(4)).toMatchObject({ image, environment });
  }));

test("a study from before there were environments goes on without one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeNode(ctx);
    const made = (await findStudy(db, await makeStudy(member, 0, { "requirements.txt": "numpy\n" })))?.study;
    if (!made) throw new Error("the study is gone");
    const { image, droppedImage, environment, ...spec } = made.spec;
    expect([image, droppedImage, typeof environment]).toEqual([null, null, "string"]);
    const id = ctx.ids.next("study");
    const trial = { id: ctx.ids.next("trial"), studyId: id, number: 1, args: [], state: "waiting" as const };
    await db.transaction((tx) => insertStudy(tx, { ...made, id, spec: spec as SessionSpec }, [trial]));
    await db.transaction((tx) => advanceStudy(member, tx, id));
    const [first] = await trialsOf(db, id);
    expect(first?.state).toBe("running");
    expect((await reload(ctx, { id: first?.sessionId ?? "" })).environment).toBeNull();
  }));

test("a study that is not there is passed over", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await db.transaction((tx) => advanceStudy(ctx, tx, ctx.ids.next("study")));
    expect(await trialsOf(db, "none")).toEqual([]);
  }));
