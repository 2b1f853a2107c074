import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { heartbeat, loseNodes, makeMember } from "../testing/factories.ts";
import { authenticateNode } from "./authenticate.ts";
import { joinNode } from "./join.ts";
import { findNode } from "./store.ts";

const TOKEN = "the-join-token";

test("only a node's own token names it: no join token, no hash, nothing empty", () =>
  withRollback(async (db) => {
    const joined = await joinNode(systemContext(db), TOKEN, { join_token: TOKEN, name: "gpu-1" });
    const stored = await findNode(db, { id: joined.node_id });
    expect(await authenticateNode(db, joined.node_token)).toBe(joined.node_id);
    for (const token of [TOKEN, stored?.tokenSha256 ?? "", joined.node_id, "", `${joined.node_token}x`])
      expect(await authenticateNode(db, token)).toBeNull();
  }));

test("a node that falls silent is lost, still known by its token, and ready again when it is heard of", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const joined = await joinNode(ctx, TOKEN, { join_token: TOKEN, name: "gpu-1" });
    const { ask } = apiOf(await makeMember(ctx));
    const shown = async () => (await ask("GET", "/nodes")).json().items[0];
    expect(await shown()).toMatchObject({ state: "lost", last_seen_at: null });

    await heartbeat(ctx, joined.node_id);
    expect(await shown()).toMatchObject({ state: "ready", last_seen_at: "2026-01-01T12:00:00.000Z" });
    await loseNodes(ctx);
    expect((await shown()).state).toBe("lost");
    expect(await authenticateNode(db, joined.node_token)).toBe(joined.node_id);
    await heartbeat(ctx, joined.node_id);
    expect((await shown()).state).toBe("ready");
  }));
