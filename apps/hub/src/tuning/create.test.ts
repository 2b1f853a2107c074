import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeNode, makeTree } from "../testing/factories.ts";
import { createStudy } from "./create.ts";
import { trialsOf } from "./store.ts";

async function requestOf(member: Member, input: Record<string, unknown> = {}) {
  return createStudySchema.parse({
    session: { code_tree: await makeTree(member, { "main.py": "" }), args: ["--epochs", "3"] },
    space: { "--lr": { log_uniform: [1e-4, 1e-1] } },
    objective: { metric: "loss", direction: "minimize" },
    trials: 5,
    ...input,
  });
}

test("a study starts as many trials as may run at once, each with its own draw after the session's arguments", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const request = await requestOf(member);
    const id = await db.transaction((tx) => createStudy(member, tx, request));

    const trials = await trialsOf(db, id);
    expect(trials.map((trial) => trial.state)).toEqual([
      "running",
      "running",
      "waiting",
      "waiting",
      "waiting",
    ]);
    expect(new Set(trials.map((trial) => trial.args.join(" "))).size).toBe(5);
    expect(await outboxTypes(db)).toEqual(["session.queued", "session.queued", "study.changed"]);
    const { ask } = apiOf(member);
    const session = (await ask("GET", `/sessions/${trials[0]?.sessionId}`)).json();
    expect(session).toMatchObject({ memo: "trial 1", args: ["--epochs", "3", ...(trials[0]?.args ?? [])] });
  }));

test("another team's study is not found, and is not in the list", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const request = await requestOf(member);
    const id = await db.transaction((tx) => createStudy(member, tx, request));

    const stranger = apiOf(await makeMember(ctx));
    expect((await stranger.ask("GET", `/studies/${id}`)).status).toBe(404);
    expect((await stranger.ask("GET", "/studies")).json().items).toEqual([]);
    const mine = apiOf(member);
    expect((await mine.ask("GET", "/studies")).json().items).toHaveLength(1);
    expect((await mine.ask("GET", `/studies/${id}`)).json()).toMatchObject({
      id,
      state: "running",
      best: null,
    });
  }));

test("a study for a team that one is not in, or with a tree of others, is refused", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const other = await makeMember(ctx);
    const request = await requestOf(member);
    const forOthers = { ...request, session: { ...request.session, team: other.team.slug } };
    await expect(db.transaction((tx) => createStudy(member, tx, forOthers))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(db.transaction((tx) => createStudy(other, tx, request))).rejects.toMatchObject({
      code: "not_found",
    });
  }));

test("a study that no node could run is refused, and nothing of it is left", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeNode(ctx);
    const request = await requestOf(member);
    const tooMuch = {
      ...request,
      session: { ...request.session, resources: { ...request.session.resources, gpus: 8 } },
    };
    await expect(db.transaction((tx) => createStudy(member, tx, tooMuch))).rejects.toMatchObject({
      code: "no_node_fits",
    });
    expect((await apiOf(member).ask("GET", "/studies")).json().items).toEqual([]);
  }));
