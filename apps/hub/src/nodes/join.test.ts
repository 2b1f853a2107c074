import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { authenticateNode } from "./authenticate.ts";
import { createJoinToken } from "./create-join-token.ts";
import { joinNode } from "./join.ts";
import { findNode } from "./store.ts";

const CONFIGURED = "the-token-of-the-hubs-configuration";
const DAY_MS = 86_400_000;

test("a machine joins with the configured token, and is known by its own from then on", () =>
  withRollback(async (db) => {
    const ctx = as(systemContext(db), { kind: "anonymous" });
    const joined = await joinNode(ctx, CONFIGURED, { join_token: CONFIGURED, name: "gpu-1" });
    expect(await authenticateNode(db, joined.node_token)).toBe(joined.node_id);
    // Nothing is placed on it before it has said what it has.
    expect((await findNode(db, { id: joined.node_id }))?.state).toBe("lost");
  }));

test("a token that an administrator made lets machines in for a day", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { join_token } = await createJoinToken(await makeMember(ctx, "admin"));
    const join = (name: string) => joinNode(ctx, undefined, { join_token, name });
    const [first, second] = [await join("gpu-1"), await join("gpu-2")];
    expect(second.node_id).not.toBe(first.node_id);
    ctx.clock.advance(DAY_MS);
    await expect(join("gpu-3")).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("podium admin join-token"),
    });
    expect(await authenticateNode(db, first.node_token)).toBe(first.node_id);
  }));

test("an unknown token lets nobody in, whether or not the hub has a configured one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const configured of [undefined, CONFIGURED])
      for (const join_token of ["", "something-else", `${CONFIGURED} `])
        await expect(joinNode(ctx, configured, { join_token, name: "gpu-1" })).rejects.toMatchObject({
          code: "unauthenticated",
        });
  }));

test("a machine that joins again under its name is the same node with a new token; the old one stops working", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const join = (name: string) => joinNode(ctx, CONFIGURED, { join_token: CONFIGURED, name });
    const other = await join("gpu-2");
    const first = await join("gpu-1");
    const again = await join("gpu-1");
    expect(again.node_id).toBe(first.node_id);
    expect(await authenticateNode(db, first.node_token)).toBeNull();
    expect(await authenticateNode(db, again.node_token)).toBe(first.node_id);
    expect(await authenticateNode(db, other.node_token)).toBe(other.node_id);
  }));

test("no answer about nodes has a token or its hash", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { node_token } = await joinNode(ctx, CONFIGURED, { join_token: CONFIGURED, name: "gpu-1" });
    const answer = await apiOf(await makeMember(ctx)).ask("GET", "/nodes");
    expect(answer.json().items).toHaveLength(1);
    expect(answer.text).not.toContain(node_token);
    expect(answer.text).not.toContain("token");
  }));
