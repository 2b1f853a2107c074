import { expect, test } from "bun:test";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import {
  type Member,
  makeDataset,
  makeMember,
  makeRunningSession,
  makeSession,
} from "../../testing/factories.ts";
import { recordMount, recordPull } from "./record-access.ts";
import { findDataset, listVersions, lockDataset } from "./store.ts";

const EVERYBODY = { teams: null, userId: null };
const accessed = async (ctx: TestContext, owner: Member, name = "films") =>
  (await findDataset(ctx.db, owner.team.slug, name, EVERYBODY))?.lastAccessAt?.toISOString() ?? null;
const treeOf = async (ctx: TestContext, id: string) => (await listVersions(ctx.db, id))[0]?.treeId ?? "";

test("a pull is noted, and within a minute of one no other", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const tree = await treeOf(member, await makeDataset(member, "films"));
    expect(await accessed(member, member)).toBeNull();
    await recordPull(member, tree);
    expect(await accessed(member, member)).toBe("2026-01-01T12:00:00.000Z");
    member.clock.advance(59_999);
    await recordPull(member, tree);
    expect(await accessed(member, member)).toBe("2026-01-01T12:00:00.000Z");
    member.clock.advance(1);
    await recordPull(member, tree);
    expect(await accessed(member, member)).toBe("2026-01-01T12:01:00.000Z");
  }));

test("files that two teams have alike are pulled from the one that the reader may read", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const versions = [{ "same.csv": "the same\n" }];
    const tree = await treeOf(ctx, await makeDataset(ann, "films", { versions, visibility: "public" }));
    await makeDataset(bob, "films", { versions });
    await recordPull(eve, tree);
    expect(await accessed(ctx, ann)).not.toBeNull();
    expect(await accessed(ctx, bob)).toBeNull();
  }));

test("a session counts as an access when it begins to run, not while it waits", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films");
    await makeDataset(member, "seas");
    await makeSession(member, { datasets: ["seas"], resources: { gpus: 64 } });
    await makeRunningSession(member, { datasets: ["films"] });
    expect(await accessed(member, member, "films")).not.toBeNull();
    expect(await accessed(member, member, "seas")).toBeNull();
  }));

test("a dataset that somebody is changing is neither waited for nor noted", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const id = await makeDataset(member, "films");
    await db.transaction(async (tx) => {
      await lockDataset(tx, id);
      const system = as(member, { kind: "system" });
      await db.transaction((other) => recordMount(system, other, [id]));
    });
    expect(await accessed(member, member)).toBeNull();
  }));
