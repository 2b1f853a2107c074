import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeSession, makeTree } from "../testing/factories.ts";
import { createStudy } from "./create.ts";
import { studiesTrying } from "./session-uses.ts";
import { finishStudy, trialsOf } from "./store.ts";

test("a trial is needed while its study runs, and not any more after it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const request = createStudySchema.parse({
      session: { code_tree: await makeTree(member, { "main.py": "study" }) },
      space: { "--lr": { choice: [1, 2] } },
      objective: { metric: "loss", direction: "minimize" },
      trials: 1,
    });
    const study = await db.transaction((tx) => createStudy(member, tx, request));
    const [trial] = await trialsOf(db, study);
    const uses = (id: string) => db.transaction((tx) => studiesTrying(tx, id));
    expect(await uses(trial?.sessionId ?? "")).toEqual([`it is trial 1 of a study that runs (${study})`]);
    await db.transaction((tx) => finishStudy(tx, study));
    expect(await uses(trial?.sessionId ?? "")).toEqual([]);
    expect(await uses((await makeSession(member)).id)).toEqual([]);
  }));
