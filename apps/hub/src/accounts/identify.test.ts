import { expect, test } from "bun:test";
import { openDatabase } from "../platform/database.ts";
import { authOf } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createToken } from "./create-token.ts";
import { createIdentifier } from "./identify.ts";

test("while the database is away, nobody is told that their token is wrong", () =>
  withDatabase(async ({ db }, url) => {
    const ctx = systemContext(db);
    const { token } = await createToken(await makeMember(ctx), authOf(ctx).auth, { name: "laptop" });
    const away = openDatabase(url);
    const identifier = createIdentifier(away.db, authOf(systemContext(away.db)).auth, ctx.clock);
    await away.close();

    const headers = new Headers({ authorization: `Bearer ${token}` });
    await expect(identifier.identify(headers)).rejects.toThrow();
  }));
