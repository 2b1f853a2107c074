import { expect, test } from "bun:test";
import { editDatasetSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember, makeSession } from "../../testing/factories.ts";
import { editDataset } from "./edit-dataset.ts";
import { readableDataset, showDataset } from "./show.ts";
import { grantDataset } from "./store.ts";

const edit = (member: Member, owner: Member, changes: Record<string, unknown>) =>
  member.db.transaction((tx) =>
    editDataset(member, tx, {
      team: owner.team.slug,
      name: "films",
      changes: editDatasetSchema.parse(changes),
    }),
  );
const shown = async (member: Member, owner = member) =>
  showDataset(await readableDataset(member, member.db, owner.team.slug, "films"));
/** The same person, as a member of the other's team too. */
const joined = (member: Member, { team, actor }: Member): Member => {
  const teams = actor.kind === "user" ? actor.teams : [];
  return member.actor.kind === "user"
    ? { ...member, team, actor: { ...member.actor, teams: [...member.actor.teams, ...teams] } }
    : member;
};

test("what is named is changed and the rest stays", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { description: "Ratings", tags: ["table"] });
    await edit(member, member, { tags: ["Text", "2026"] });
    expect(await shown(member)).toMatchObject({
      description: "Ratings",
      tags: ["text", "2026"],
      visibility: "team",
    });
    await edit(member, member, { description: "", visibility: "public" });
    expect(await shown(member)).toMatchObject({
      description: "",
      tags: ["text", "2026"],
      visibility: "public",
    });
  }));

test("members change their team's dataset; strangers who may read it are refused, others find nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films");
    await edit(joined(bob, ann), ann, { description: "by bob" });
    await expect(edit(eve, ann, { description: "by eve" })).rejects.toMatchObject({ code: "not_found" });
    await edit(ann, ann, { visibility: "public" });
    await expect(edit(eve, ann, { description: "by eve" })).rejects.toMatchObject({ code: "forbidden" });
    expect(await shown(ann)).toMatchObject({ description: "by bob" });
  }));

test("a private dataset is changed by its author alone, and only the author makes it private", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const colleague = joined(bob, ann);
    const id = await makeDataset(ann, "films");
    await expect(edit(colleague, ann, { visibility: "private" })).rejects.toMatchObject({
      code: "forbidden",
    });
    await edit(ann, ann, { visibility: "private" });
    await expect(edit(colleague, ann, { tags: [] })).rejects.toMatchObject({ code: "not_found" });
    // A grant lets the colleague read it, and no more.
    await db.transaction((tx) => grantDataset(tx, id, [bob.team.id], ctx.clock.now()));
    await expect(edit(colleague, ann, { tags: [] })).rejects.toMatchObject({ code: "forbidden" });
    await edit(ann, ann, { visibility: "team" });
    await edit(colleague, ann, { tags: ["shared"] });
  }));

test("hiding a dataset takes nothing from others' sessions, and refuses them new ones", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", { visibility: "public" });
    const datasets = [`${ann.team.slug}/films`];
    const before = await makeSession(bob, { datasets });
    await edit(ann, ann, { visibility: "team" });
    expect(before).toMatchObject({ state: "queued", datasets: [{ name: "films", version: 1 }] });
    await expect(makeSession(bob, { datasets })).rejects.toMatchObject({ code: "not_found" });
    await expect(shown(bob, ann)).rejects.toMatchObject({ code: "not_found" });
  }));

test("two Unicode forms and two cases of a tag are one tag", () => {
  const { tags } = editDatasetSchema.parse({
    tags: ["Caf\u00e9", "cafe\u0301", " café ", "日本語", "a/b:c"],
  });
  expect(tags).toEqual(["caf\u00e9", "日本語", "a/b:c"]);
});

test.each([
  [{ tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }],
  [{ tags: ["x".repeat(41)] }],
  [{ tags: [""] }],
  [{ tags: ["   "] }],
  [{ tags: ["a\u0000b"] }],
  [{ tags: ["a\nb"] }],
  [{ tags: ["<b>"] }],
  [{ tags: ["\u202eevil"] }],
  [{ tags: ["🏆"] }],
  [{ tags: "text" }],
  [{ description: "x".repeat(2001) }],
  [{ visibility: "secret" }],
  [{ name: "other" }],
  [{}],
])("%j is no change", (changes) => {
  expect(editDatasetSchema.safeParse(changes).success).toBe(false);
});
