import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createJoinToken } from "./create-join-token.ts";
import { joinNode } from "./join.ts";
import { forgetJoinTokens } from "./store.ts";

test("only administrators make join tokens, each another one", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (const role of ["participant", "organizer"] as const)
      expect((await apiOf(await makeMember(ctx, role)).ask("POST", "/nodes/join-tokens")).status).toBe(403);
    const nobody = as(ctx, { kind: "anonymous" });
    await expect(createJoinToken(nobody)).rejects.toMatchObject({ code: "unauthenticated" });

    const { ask } = apiOf(await makeMember(ctx, "admin"));
    const tokens = [await ask("POST", "/nodes/join-tokens"), await ask("POST", "/nodes/join-tokens")];
    expect(tokens.map(({ status }) => status)).toEqual([201, 201]);
    expect(tokens[0]?.json().join_token).not.toBe(tokens[1]?.json().join_token);
  }));

test("tokens that have run out are forgotten, the others go on working", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const admin = await makeMember(ctx, "admin");
    const old = await createJoinToken(admin);
    ctx.clock.advance(86_400_000);
    const fresh = await createJoinToken(admin);
    ctx.clock.advance(1);
    await forgetJoinTokens(db, ctx.clock.now());
    await expect(joinNode(ctx, undefined, { ...old, name: "gpu-1" })).rejects.toMatchObject({
      code: "unauthenticated",
    });
    expect((await joinNode(ctx, undefined, { ...fresh, name: "gpu-1" })).node_token).toBeString();
  }));
