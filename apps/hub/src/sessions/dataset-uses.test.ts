import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeDataset, makeMember, makeSession } from "../testing/factories.ts";
import { sessionsUsing } from "./dataset-uses.ts";

test("one's own sessions are named and those of other teams counted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const datasetId = await makeDataset(ann, "films", { visibility: "public" });
    const uses = (version: number | null) =>
      db.transaction((tx) => sessionsUsing(ann, tx, { datasetId, version }));
    expect(await uses(null)).toEqual([]);

    const { name } = await makeSession(ann, { datasets: ["films"] });
    await makeSession(bob, { datasets: [`${ann.team.slug}/films`] });
    await makeSession(bob, { datasets: [] });
    expect(await uses(null)).toEqual([`sessions that have not ended mount it (${name}, 1 other)`]);
    expect(await uses(1)).toHaveLength(1);
    expect(await uses(2)).toEqual([]);
  }));

test("a dataset with the same files is another dataset", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const versions = [{ "data.csv": "same\n" }];
    const copy = await makeDataset(member, "copy", { versions });
    await makeDataset(member, "films", { versions });
    await makeSession(member, { datasets: ["films"] });
    const removal = { datasetId: copy, version: null };
    expect(await db.transaction((tx) => sessionsUsing(member, tx, removal))).toEqual([]);
  }));
