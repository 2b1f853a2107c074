import { expect, test } from "bun:test";
import { createSessionSchema } from "@podium/shared";
import { addVersion, collectTrees, createDataset, findTree } from "../data/index.ts";
import { namedTrees } from "../duties.ts";
import { as, systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeSession, makeTree } from "../testing/factories.ts";
import { createSession, specOf } from "./create.ts";

function request(member: Member, input: Record<string, unknown>) {
  const parsed = createSessionSchema.parse(input);
  return member.db.transaction((tx) => createSession(member, tx, parsed));
}

async function makeDataset(member: Member, name: string) {
  const treeId = await makeTree(member, { "train.csv": `${name}\n` });
  await member.db.transaction(async (tx) => {
    const dataset = { teamId: member.team.id, name, description: "", visibility: "team" as const };
    await addVersion(member, tx, { datasetId: await createDataset(member, tx, dataset), treeId });
  });
  return treeId;
}

test("a team's sessions are queued and numbered by dataset", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const treeId = await makeDataset(member, "films");
    const names = [];
    for (const datasets of [[], ["films"], ["films"]])
      names.push((await makeSession(member, { datasets })).name);
    const { slug } = member.team;
    expect(names).toEqual([`${slug}/None/1`, `${slug}/films/1`, `${slug}/films/2`]);
    const last = await makeSession(member, { datasets: ["films"] });
    expect(last).toMatchObject({
      state: "queued",
      kind: "train",
      datasets: [{ name: "films", tree_id: treeId }],
    });
    expect((await outboxTypes(db)).filter((type) => type === "session.queued")).toHaveLength(4);
  }));

test("code that the team has not pushed, and data that it may not read, are not found", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(other, "secret");
    const code_tree = await makeTree(member, { "main.py": "" });
    const foreign = await makeTree(other, { "main.py": "private\n" });
    await expect(request(member, { code_tree: foreign })).rejects.toMatchObject({ code: "not_found" });
    for (const dataset of ["secret", `${other.team.slug}/secret`, "films@7"]) {
      await expect(request(member, { code_tree, datasets: [dataset] })).rejects.toMatchObject({
        code: "not_found",
        message: expect.stringContaining(dataset),
      });
    }
  }));

test("two datasets of one name can't be mounted at the same place", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films");
    const code_tree = await makeTree(member, { "main.py": "" });
    const call = request(member, { code_tree, datasets: ["films", `${member.team.slug}/films`] });
    await expect(call).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("films"),
    });
  }));

test("only for a team that one is a member of, and only when logged in", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
    const code_tree = await makeTree(member, { "main.py": "" });
    await expect(request(member, { code_tree, team: other.team.slug })).rejects.toMatchObject({
      code: "forbidden",
    });
    const nobody = as(ctx, { kind: "anonymous" });
    const parsed = createSessionSchema.parse({ code_tree });
    await expect(db.transaction((tx) => specOf(nobody, tx, parsed))).rejects.toMatchObject({
      code: "unauthenticated",
    });
  }));

test("code that nothing named yet is not collected while a session is made of it", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const code_tree = await makeTree(member, { "main.py": "pushed long ago" });
    member.clock.advance(2 * 86_400_000);
    await db.transaction(async (tx) => {
      await createSession(member, tx, createSessionSchema.parse({ code_tree }));
      // Not committed yet: this look, on another connection, can't see the session.
      expect(await collectTrees(member, namedTrees())).toBe(0);
    });
    expect(await collectTrees(member, namedTrees())).toBe(0);
    expect(await findTree(db, code_tree)).toMatchObject({ id: code_tree });
  }));
