import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import {
  loseNodes,
  type Member,
  makeMember,
  makeNode,
  makeSession,
  makeTree,
  place,
  reload,
} from "../testing/factories.ts";
import { enqueueSession, type SessionSpec } from "./enqueue.ts";
import { NO_ENVIRONMENT } from "./environment.ts";

async function specFor(member: Member, more: Partial<SessionSpec> = {}): Promise<SessionSpec> {
  return {
    team: { id: member.team.id, slug: member.team.slug },
    kind: "train",
    ...NO_ENVIRONMENT,
    codeTree: await makeTree(member, { "main.py": "" }),
    entrypoint: "main.py",
    args: [],
    memo: "",
    datasets: [],
    resources: resourcesSchema.parse({}),
    timeoutMs: 1000,
    priority: 0,
    ...more,
  };
}

test("what is asked for twice for the same cause is made once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const spec = await specFor(await makeMember(ctx), { origin: "sub_1" });
    const first = await db.transaction((tx) => enqueueSession(ctx, tx, spec));
    const second = await db.transaction((tx) => enqueueSession(ctx, tx, spec));
    expect(second.id).toBe(first.id);
    expect((await outboxTypes(db)).filter((type) => type === "session.queued")).toHaveLength(1);
  }));

test("what no node could ever run is refused, with what each node would have", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeNode(ctx, 2);
    const call = makeSession(member, { resources: { gpus: 4 } });
    await expect(call).rejects.toMatchObject({
      code: "no_node_fits",
      message: expect.stringContaining("2 of 4 devices free"),
    });
    await expect(makeSession(member, { resources: { gpus: 1, gpu_model: "TPU" } })).rejects.toMatchObject({
      code: "no_node_fits",
      message: expect.stringContaining("0 of 1 TPU devices free. Ask for less. GPUs here: H100."),
    });
  }));

test("a GPU's model may be named by a word of what its driver says; it is placed on such a one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeNode(ctx, 1, ["process"], "NVIDIA A10");
    const wanted = await makeNode(ctx, 1, ["process"], "NVIDIA A100-SXM4-40GB");
    const session = await makeSession(member, { resources: { gpus: 1, gpu_model: "A100" } });
    await place(ctx);
    expect(await reload(ctx, session)).toMatchObject({ nodeId: wanted, resources: { gpu_model: "A100" } });
    const waiting = await makeSession(member, { resources: { gpus: 1, gpu_model: "a100" } });
    await place(ctx);
    expect((await reload(ctx, waiting)).state).toBe("queued");
  }));

test("a busy or lost node is worth waiting for, and so is the first node of a hub that has none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    expect((await makeSession(member, { resources: { gpus: 64 } })).state).toBe("queued");
    await makeNode(ctx, 4);
    await loseNodes(ctx);
    expect((await makeSession(member, { resources: { gpus: 4 } })).state).toBe("queued");
  }));

test("a session keeps the prices that it started with", () =>
  withRollback(async (db) => {
    const session = await makeSession(await makeMember(systemContext(db)));
    expect(session.prices).toMatchObject({ gpu_minute: 1_000_000, cpu_minute: 0 });
  }));

test("sessions made at once get numbers of their own", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const spec = await specFor(await makeMember(ctx));
    const made = await Promise.all(
      Array.from({ length: 10 }, () => db.transaction((tx) => enqueueSession(ctx, tx, spec))),
    );
    const numbers = made.map(({ name }) => Number(name.split("/").at(-1))).sort((a, b) => a - b);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }));
