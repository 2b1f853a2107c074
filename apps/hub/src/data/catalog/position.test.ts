import { expect, test } from "bun:test";
import { datasetSortSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember } from "../../testing/factories.ts";
import { positionAfter, readPosition } from "./position.ts";
import { recordMount } from "./record-access.ts";
import { listDatasets, type Search } from "./store.ts";

async function pages(member: Member, sort: Search["sort"], limit: number): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const search = { words: [], tags: [], sort, after: readPosition(sort, after) };
    const rows = await listDatasets(member.db, { teams: [member.team.id], userId: null }, search, limit);
    names.push(...rows.map(({ name }) => name));
    const last = rows.at(-1);
    after = last && rows.length === limit ? positionAfter(sort, last) : undefined;
  } while (after !== undefined);
  return names;
}

test("every order shows each dataset once, however the pages are cut", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const sizes = { cats: 3, apes: 1, dogs: 3, bees: 2 };
    for (const [name, size] of Object.entries(sizes)) {
      const id = await makeDataset(member, name, { versions: [{ data: "x".repeat(size) }] });
      member.clock.advance(60_000);
      if (name !== "apes") await db.transaction((tx) => recordMount(member, tx, [id]));
    }
    await makeDataset(member, "none", { versions: [] });
    const orders = {
      name: ["apes", "bees", "cats", "dogs", "none"],
      size: ["dogs", "cats", "bees", "apes", "none"],
      last_access: ["bees", "dogs", "cats", "none", "apes"],
      created: ["none", "bees", "dogs", "apes", "cats"],
    };
    for (const sort of datasetSortSchema.options)
      for (const limit of [1, 2, 10]) expect(await pages(member, sort, limit)).toEqual(orders[sort]);
  }));

test.each([
  "",
  "~",
  "films",
  "films~dat_1",
  `~dat_${"0".repeat(32)}`,
  `ann/films~dat_${"0".repeat(32)}~`,
  `'; drop table datasets~dat_${"0".repeat(32)}`,
])("%j continues no list", (text) => {
  expect(() => readPosition("name", text)).toThrow("after: must be the `next`");
});

test("a position of another order, and a day that doesn't exist, continue no list", () => {
  const id = `dat_${"0".repeat(32)}`;
  expect(() => readPosition("size", `ann/films~${id}`)).toThrow();
  expect(() => readPosition("last_access", `2026-13-45T00:00:00.000Z~${id}`)).toThrow();
  expect(readPosition("last_access", `-infinity~${id}`)).toEqual({ value: "-infinity", id });
});
