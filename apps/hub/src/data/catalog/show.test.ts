import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember } from "../../testing/factories.ts";
import { readableDataset, showDataset } from "./show.ts";
import { grantDataset, listDatasets, type Search } from "./store.ts";

async function found(member: Member, search: Partial<Search>): Promise<string[]> {
  const all: Search = { words: [], tags: [], sort: "name", after: null, ...search };
  const rows = await listDatasets(member.db, { teams: [member.team.id], userId: null }, all, 50);
  return rows.map(({ name }) => name);
}

test("a dataset shows its author, its newest version's size and files, and when that was pushed", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { versions: [{ a: "1" }, { a: "1", b: "22" }] });
    const shown = showDataset(await readableDataset(member, db, member.team.slug, "films"));
    expect(shown).toMatchObject({
      team: member.team.slug,
      author: member.email.split("@")[0] ?? "",
      latest_version: 2,
      size_bytes: 3,
      files: 2,
      modified_at: "2026-01-01T12:00:00.000Z",
      last_access_at: null,
    });
    await makeDataset(member, "empty", { versions: [] });
    const empty = showDataset(await readableDataset(member, db, member.team.slug, "empty"));
    expect(empty).toMatchObject({ latest_version: 0, size_bytes: 0, files: 0 });
  }));

test("a dataset is found by words of its name, team, description and tags, whatever their case", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", {
      description: "Ratings of 100 % of the films",
      tags: ["text", "café"],
    });
    await makeDataset(member, "seas", { description: "Depths_of water", tags: ["map"] });
    expect(await found(member, { words: ["RATINGS"] })).toEqual(["films"]);
    expect(await found(member, { words: [`${member.team.slug}/`] })).toEqual(["films", "seas"]);
    expect(await found(member, { words: ["of", "map"] })).toEqual(["seas"]);
    expect(await found(member, { words: ["CAFÉ"] })).toEqual(["films"]);
    expect(await found(member, { words: ["%"] })).toEqual(["films"]);
    expect(await found(member, { words: ["s_o"] })).toEqual(["seas"]);
    expect(await found(member, { words: ["\\"] })).toEqual([]);
    expect(await found(member, { tags: ["map"] })).toEqual(["seas"]);
    expect(await found(member, { tags: ["map", "text"] })).toEqual([]);
    expect(await found(member, { tags: ["ma"] })).toEqual([]);
  }));

test("searching shows nothing that one may not read", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    for (const visibility of ["public", "team", "private"] as const)
      await makeDataset(ann, `${visibility}-films`, { visibility, tags: ["secret"], description: "hidden" });
    expect(await found(bob, { words: ["hidden"] })).toEqual(["public-films"]);
    expect(await found(bob, { tags: ["secret"] })).toEqual(["public-films"]);
    const granted = await makeDataset(ann, "given", { visibility: "private", tags: ["secret"] });
    await db.transaction((tx) => grantDataset(tx, granted, [bob.team.id], ctx.clock.now()));
    expect(await found(bob, { tags: ["secret"] })).toEqual(["given", "public-films"]);
  }));
