import { expect, test } from "bun:test";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { loseNodes, makeMember, makeRunningSession, makeTree, reload } from "../testing/factories.ts";
import { enqueueSession } from "./enqueue.ts";
import { NO_ENVIRONMENT } from "./environment.ts";
import { ownSession, showSession, visibleSession } from "./show.ts";
import { updateSession } from "./store.ts";

test("a session shows where it ran and how often it has been placed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { id, nodeId } = await makeRunningSession(member);
    expect(showSession(await visibleSession(member, id))).toMatchObject({
      id,
      team: member.team.slug,
      name: `${member.team.slug}/None/1`,
      state: "running",
      attempt: 1,
      node: expect.any(String),
      started_at: "2026-01-01T12:00:00.000Z",
    });
    expect(nodeId).not.toBeNull();
    await loseNodes(ctx);
    expect(showSession(await visibleSession(member, id))).toMatchObject({
      state: "queued",
      attempt: 1,
      node: null,
    });
  }));

test("other teams' sessions are not there; nobody's are for who is not logged in", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const stranger = await makeMember(ctx);
    await expect(visibleSession(stranger, session.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(ownSession(stranger, session.id)).rejects.toMatchObject({ code: "not_found" });
    const nobody = as(ctx, { kind: "anonymous" });
    await expect(visibleSession(nobody, session.id)).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await ownSession(await makeMember(ctx, "admin"), session.id)).id).toBe(session.id);
  }));

test("a hidden session is seen, and not stopped, by who owns what it writes; its own team does not see it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [entrant, organizer] = [await makeMember(ctx), await makeMember(ctx)];
    const { id } = await db.transaction(async (tx) =>
      enqueueSession(ctx, tx, {
        team: { id: entrant.team.id, slug: entrant.team.slug },
        kind: "infer",
        ...NO_ENVIRONMENT,
        codeTree: await makeTree(entrant, { "main.py": "" }),
        entrypoint: "main.py",
        args: [],
        memo: "",
        datasets: [],
        resources: {
          gpus: 0,
          gpu_milli: 1000,
          gpu_model: null,
          cpu_milli: 500,
          memory_bytes: 2 ** 29,
          shm_bytes: null,
          disk_bytes: 10 * 2 ** 30,
        },
        timeoutMs: 1000,
        priority: 0,
        hidden: { outputTeamId: organizer.team.id },
      }),
    );
    await db.transaction((tx) => updateSession(tx, id, { summary: { secret: 1 } }));
    expect((await reload(ctx, { id })).hidden).toBe(true);
    await expect(visibleSession(entrant, id)).rejects.toMatchObject({ code: "not_found" });
    expect((await visibleSession(organizer, id)).session.id).toBe(id);
    await expect(ownSession(organizer, id)).rejects.toMatchObject({ code: "forbidden" });
  }));
