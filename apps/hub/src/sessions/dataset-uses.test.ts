import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { makeDataset, makeMember, makeSession } from "../testing/factories.ts";
import { sessionsUsing } from "./dataset-uses.ts";
import { stopSession } from "./stop.ts";

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

test("what a session mounts stays until it has ended; its other versions may go, and its record stays", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { versions: [{ a: "1" }, { a: "2" }, { a: "3" }] });
    const session = await makeSession(member, { datasets: ["films@2"] });
    const { ask } = apiOf(member);
    const path = `/datasets/${member.team.slug}/films`;
    for (const address of [path, `${path}/versions/2`]) {
      const { status, text } = await ask("DELETE", address);
      expect(status).toBe(409);
      expect(text).toContain(session.name);
    }
    expect((await ask("DELETE", `${path}/versions/1`)).status).toBe(204);

    await db.transaction((tx) => stopSession(member, tx, session.id, "enough"));
    expect((await ask("DELETE", path)).status).toBe(204);
    expect((await ask("GET", `/sessions/${session.id}`)).json()).toMatchObject({ datasets: ["films"] });
  }));

test("a session that is made while its dataset is removed either keeps it or does not find it", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const { ask } = apiOf(member);
    for (let round = 0; round < 5; round++) {
      await makeDataset(member, "films");
      const [made, removed] = await Promise.allSettled([
        makeSession(member, { datasets: ["films"] }),
        ask("DELETE", `/datasets/${member.team.slug}/films`),
      ]);
      const isRemoved = removed.status === "fulfilled" && removed.value.status === 204;
      expect(isRemoved).toBe(made.status === "rejected");
      if (made.status === "rejected") continue;
      await db.transaction((tx) => stopSession(member, tx, made.value.id, "enough"));
      expect((await ask("DELETE", `/datasets/${member.team.slug}/films`)).status).toBe(204);
    }
  }));
