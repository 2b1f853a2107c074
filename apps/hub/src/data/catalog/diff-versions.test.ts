import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember } from "../../testing/factories.ts";
import { diffVersions } from "./diff-versions.ts";

const VERSIONS = [{ a: "1", b: "2" }, { a: "1", b: "22", c: "3" }, { c: "3" }];
const diff = (
  member: Member,
  owner: Member,
  more: { from?: number; to?: number; limit?: number; after?: string },
) => diffVersions(member, { team: owner.team.slug, name: "films", limit: 100, ...more });

test("without numbers the newest version is compared with the one before it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { versions: VERSIONS });
    const found = await diff(member, member, {});
    expect(found).toMatchObject({ from: 2, to: 3, next: null, totals: { removed: { files: 2, bytes: 3 } } });
    expect(found.items.map(({ change, path }) => `${change} ${path}`)).toEqual(["removed a", "removed b"]);
    expect(await diff(member, member, { to: 2 })).toMatchObject({ from: 1, to: 2 });
    expect(await diff(member, member, { from: 3, to: 1 })).toMatchObject({ totals: { added: { files: 2 } } });
  }));

test("a long difference comes in pages, each with the totals of all", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const files = Object.fromEntries(["a", "b", "c"].map((name) => [name, name]));
    await makeDataset(member, "films", { versions: [{ z: "z" }, { ...files, z: "z" }] });
    const first = await diff(member, member, { limit: 2 });
    expect(first.items.map(({ path }) => path)).toEqual(["a", "b"]);
    expect(first.next).toBe("b");
    const second = await diff(member, member, { limit: 2, after: "b" });
    expect(second.items.map(({ path }) => path)).toEqual(["c"]);
    expect(second).toMatchObject({ next: null, totals: first.totals });
    expect(await diff(member, member, { after: "zzz" })).toMatchObject({ items: [], next: null });
  }));

test("versions that don't exist, and a first one without another before it, are not found", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films");
    await expect(diff(member, member, { from: 1, to: 7 })).rejects.toThrow("has no version 7.");
    await expect(diff(member, member, { from: 9, to: 1 })).rejects.toThrow("has no version 9.");
    await expect(diff(member, member, {})).rejects.toThrow("has no version before 1: name two.");
    await makeDataset(member, "empty", { versions: [] });
    const empty = diffVersions(member, { team: member.team.slug, name: "empty", limit: 1 });
    await expect(empty).rejects.toThrow("has no version yet.");
  }));

test("who may not read a dataset is told the same as of one that isn't there", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", { versions: VERSIONS });
    const forbidden = await diff(eve, ann, {}).catch((error: Error) => error.message);
    expect(forbidden).toBe(`There is no dataset ${ann.team.slug}/films that you may read.`);
  }));
