import { expect, test } from "bun:test";
import { createSessionSchema, forkSessionSchema } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  type Member,
  makeCheckpoint,
  makeDataset,
  makeMember,
  makeSession,
  makeTree,
} from "../../testing/factories.ts";
import { holdCheckpoint } from "../../testing/life.ts";
import { updateSession } from "../store.ts";
import { forkSession } from "./fork.ts";

const fork = (member: Member, { id }: { id: string }, input: Record<string, unknown> = {}) =>
  member.db.transaction((tx) => forkSession(member, tx, id, forkSessionSchema.parse(input), holdCheckpoint));

test("a fork takes code, arguments, data, needs and the latest checkpoint, and remembers where from", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films");
    const source = await makeSession(member, {
      datasets: ["films"],
      args: ["--lr", "1"],
      resources: { memory_bytes: 2 ** 30 },
      retries: 2,
    });
    await makeCheckpoint(member, source, "a");
    await makeCheckpoint(member, source, "b");
    const forked = await fork(member, source);
    expect(forked).toMatchObject({
      codeTree: source.codeTree,
      args: ["--lr", "1"],
      datasets: source.datasets,
      resources: source.resources,
      retries: 2,
      checkpoint: { name: "b" },
      forkedFrom: { session_id: source.id, name: source.name, checkpoint: "b" },
      retriesUsed: 0,
      epoch: 0,
    });
    expect(forked.name).not.toBe(source.name);
  }));

test("what is said otherwise is otherwise, and nothing else", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const source = await makeSession(member, { resources: { memory_bytes: 2 ** 30, cpu_milli: 2000 } });
    await makeCheckpoint(member, source, "a");
    await makeCheckpoint(member, source, "b");
    const forked = await fork(member, source, {
      checkpoint: "a",
      args: ["--lr", "2"],
      resources: { cpu_milli: 1000 },
      memo: "lower",
    });
    expect(forked).toMatchObject({ args: ["--lr", "2"], checkpoint: { name: "a" }, memo: "lower" });
    expect(forked.resources).toMatchObject({ memory_bytes: 2 ** 30, cpu_milli: 1000 });
    expect((await fork(member, source, { checkpoint: null })).checkpoint).toBeNull();
    await expect(fork(member, source, { checkpoint: "c" })).rejects.toThrow('no checkpoint "c"');
    const wrong = { resources: { shm_bytes: 2 ** 31 } };
    await expect(fork(member, source, wrong)).rejects.toMatchObject({ code: "invalid_request" });
  }));

test("nobody forks what they may not see, or data that they may not read", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, stranger, admin] = [
      await makeMember(ctx),
      await makeMember(ctx),
      await makeMember(ctx, "admin"),
    ];
    await makeDataset(member, "films");
    const source = await makeSession(member, { datasets: ["films"] });
    await expect(fork(stranger, source)).rejects.toMatchObject({ code: "not_found" });
    await expect(fork(admin, source)).rejects.toThrow(/may not read it/);
    const { slug } = stranger.team;
    await expect(fork(member, source, { team: slug })).rejects.toMatchObject({ code: "forbidden" });

    const code_tree = await makeTree(member, { "main.py": "1" });
    const open = await makeSession(member, createSessionSchema.parse({ code_tree }));
    expect((await fork(admin, open)).teamId).toBe(admin.team.id);
    await db.transaction((tx) => updateSession(tx, open.id, { hidden: true }));
    await expect(fork(admin, open)).rejects.toMatchObject({ code: "conflict" });
  }));
