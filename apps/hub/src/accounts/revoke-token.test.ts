import { expect, test } from "bun:test";
import { authOf } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createToken } from "./create-token.ts";
import { createIdentifier } from "./identify.ts";
import { revokeToken } from "./revoke-token.ts";

test("a revoked token is believed for five seconds at most", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { auth } = authOf(ctx);
    const member = await makeMember(ctx);
    const { id, token } = await createToken(member, auth, { name: "laptop" });
    const identifier = createIdentifier(db, auth, ctx.clock);
    const headers = new Headers({ authorization: `Bearer ${token}` });
    expect(await identifier.identify(headers)).not.toBeNull();

    await revokeToken(member, id);

    ctx.clock.advance(5_001);
    expect(await identifier.identify(headers)).toBeNull();
  }));

test("nobody revokes somebody else's token", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { id } = await createToken(await makeMember(ctx), authOf(ctx).auth, { name: "laptop" });
    await expect(revokeToken(await makeMember(ctx), id)).rejects.toMatchObject({ code: "not_found" });
  }));
