import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { makeDataset, makeMember, makeSession, reload } from "../../testing/factories.ts";
import { renameDataset } from "./rename-dataset.ts";

test("a dataset goes on under its new name; the old one is free at once", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const { slug } = member.team;
    const id = await makeDataset(member, "films");
    const api = apiOf(member);
    const renamed = await api.ask("POST", `/datasets/${slug}/films/rename`, { name: "movies" });
    expect([renamed.status, renamed.json()]).toMatchObject([200, { id, name: "movies", latest_version: 1 }]);
    expect((await api.ask("GET", `/datasets/${slug}/films`)).status).toBe(404);
    await expect(makeSession(member, { datasets: ["films"] })).rejects.toMatchObject({ code: "not_found" });
    expect(await makeDataset(member, "films")).not.toBe(id);
    expect((await makeSession(member, { datasets: ["movies"] })).name).toStartWith(`${slug}/movies/`);
  }));

test("what was made with it stays as it was, and still keeps it from being removed", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const { slug } = member.team;
    await makeDataset(member, "films");
    const session = await makeSession(member, { datasets: ["films"] });
    await db.transaction((tx) => renameDataset(member, tx, { team: slug, name: "films", to: "movies" }));
    expect(await reload(member, session)).toMatchObject({
      name: session.name,
      datasets: [{ name: "films", version: 1 }],
    });
    const removed = await apiOf(member).ask("DELETE", `/datasets/${slug}/movies`);
    expect([removed.status, removed.json().code]).toEqual([409, "conflict"]);
  }));

test("strangers find nothing, readers are refused, and a name that is taken or is none changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    const { slug } = ann.team;
    await makeDataset(ann, "films");
    await makeDataset(ann, "seas", { visibility: "public" });
    const ask = (member: typeof ann, name: string, to: unknown) =>
      apiOf(member).ask("POST", `/datasets/${slug}/${name}/rename`, { name: to });
    expect((await ask(eve, "films", "mine")).status).toBe(404);
    expect((await ask(eve, "seas", "mine")).status).toBe(403);
    const taken = await ask(ann, "films", "seas");
    expect([taken.status, taken.json().detail]).toEqual([
      409,
      `Team ${slug} has a dataset called "seas" already. Choose another name.`,
    ]);
    for (const to of ["", "Films", "a/b", "a b", "-a", "../x", "x".repeat(200), null, 5])
      expect([to, (await ask(ann, "films", to)).status]).toEqual([to, 400]);
    expect((await ask(ann, "films", "films")).status).toBe(200);
    expect((await apiOf(ann).ask("GET", `/datasets/${slug}/films`)).status).toBe(200);
  }));

test("of two who rename at once one finds that it is another one now", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const { slug } = member.team;
    await makeDataset(member, "films");
    const rename = (to: string) =>
      db.transaction((tx) => renameDataset(member, tx, { team: slug, name: "films", to }));
    const results = await Promise.allSettled([rename("movies"), rename("pictures")]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  }));
