import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeDataset, makeMember, makeTree } from "../testing/factories.ts";
import { createStudy } from "./create.ts";
import { studiesUsing } from "./dataset-uses.ts";

test("a study needs its dataset until its last trial, in the version that its trials mount", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const datasetId = await makeDataset(member, "films", { versions: [{ a: "1" }, { a: "2" }] });
    const request = createStudySchema.parse({
      session: { code_tree: await makeTree(member, { "main.py": "" }), datasets: ["films@1"] },
      space: { "--lr": { choice: [1, 2] } },
      objective: { metric: "loss", direction: "minimize" },
      trials: 2,
    });
    await db.transaction((tx) => createStudy(member, tx, request));
    const uses = (version: number | null) =>
      db.transaction((tx) => studiesUsing(member, tx, { datasetId, version }));
    expect(await uses(null)).toEqual(["1 study that mounts it goes on"]);
    expect(await uses(1)).toHaveLength(1);
    expect(await uses(2)).toEqual([]);
  }));
