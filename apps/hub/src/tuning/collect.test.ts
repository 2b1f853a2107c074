import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { stopSession } from "../sessions/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  type Member,
  makeMember,
  makeNode,
  makeTree,
  place,
  report,
  reportValues,
} from "../testing/factories.ts";
import { collectTrial } from "./collect.ts";
import { createStudy } from "./create.ts";
import { trialsOf } from "./store.ts";

async function makeStudy(member: Member, input: Record<string, unknown>) {
  await makeNode(member);
  const request = createStudySchema.parse({
    session: { code_tree: await makeTree(member, { "main.py": "" }) },
    space: { "--lr": { uniform: [0, 1] } },
    objective: { metric: "loss", direction: "minimize" },
    parallel: 1,
    ...input,
  });
  const id = await member.db.transaction((tx) => createStudy(member, tx, request));
  const trial = async (number: number) => {
    const row = (await trialsOf(member.db, id))[number - 1];
    if (!row) throw new Error(`there is no trial ${number}`);
    return row;
  };
  const session = async (number: number) => ({ id: (await trial(number)).sessionId ?? "" });
  /** Runs a trial to its end; without a value it reports none. */
  const run = async (number: number, values: Record<string, number | null>[], exitCode = 0) => {
    await place(member);
    const running = await session(number);
    await report(member, running, { state: "running" });
    for (const each of values) await reportValues(member, running, each);
    await report(member, running, { ...ENDED, exit_code: exitCode, final_seq: values.length });
    await collectTrial(member, running.id);
  };
  const shown = async () => (await apiOf(member).ask("GET", `/studies/${id}`)).json();
  return { trial, session, run, shown };
}

test("trials run one after the other, the last value of each counts, and the best is shown", () =>
  withRollback(async (db) => {
    const study = await makeStudy(await makeMember(systemContext(db)), { trials: 3 });
    await study.run(1, [{ loss: 0.1 }, { loss: 0.5 }]);
    expect(await study.trial(1)).toMatchObject({ state: "succeeded", value: 0.5 });
    expect((await study.trial(2)).state).toBe("running");
    expect((await study.trial(3)).state).toBe("waiting");
    await study.run(2, [{ loss: 0.2, accuracy: 1 }]);
    await study.run(3, [{ loss: 0.3 }]);
    expect(await study.shown()).toMatchObject({ state: "finished", best: { number: 2, value: 0.2 } });
  }));

test("the best of a study that maximizes is the largest, and of equals the earliest", () =>
  withRollback(async (db) => {
    const objective = { metric: "loss", direction: "maximize" };
    const study = await makeStudy(await makeMember(systemContext(db)), { trials: 3, objective });
    for (const [index, loss] of [0.1, 0.7, 0.7].entries()) await study.run(index + 1, [{ loss }]);
    expect((await study.shown()).best).toMatchObject({ number: 2, value: 0.7 });
  }));

test("a trial that fails, reports no objective, or a last value that is no number, has failed; the study goes on", () =>
  withRollback(async (db) => {
    const study = await makeStudy(await makeMember(systemContext(db)), { trials: 4 });
    await study.run(1, [{ loss: 0.1 }], 1);
    await study.run(2, [{ accuracy: 0.9 }]);
    await study.run(3, [{ loss: 0.1 }, { loss: null }]);
    await study.run(4, [{ loss: 0.4 }]);
    const { state, best, trials } = await study.shown();
    expect(trials.map((trial: { state: string }) => trial.state)).toEqual([
      "failed",
      "failed",
      "failed",
      "succeeded",
    ]);
    expect({ state, best: best.number }).toEqual({ state: "finished", best: 4 });
  }));

test("a trial whose session is stopped while it waits has failed, and the next one starts", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const study = await makeStudy(member, { trials: 2 });
    const { id } = await study.session(1);
    await db.transaction((tx) => stopSession(member, tx, id, "asked"));
    await collectTrial(member, id);
    expect((await study.trial(1)).state).toBe("failed");
    expect((await study.trial(2)).state).toBe("running");
  }));

test("news that come too early, or twice, or of a session that is no trial, change nothing", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const study = await makeStudy(member, { trials: 3 });
    const first = await study.session(1);
    await collectTrial(member, first.id);
    expect((await study.trial(1)).state).toBe("running");
    await study.run(1, [{ loss: 1 }]);
    await collectTrial(member, first.id);
    await collectTrial(member, member.ids.next("session"));
    expect((await study.shown()).trials.map((trial: { state: string }) => trial.state)).toEqual([
      "succeeded",
      "running",
      "waiting",
    ]);
  }));
