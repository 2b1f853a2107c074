import { expect, test } from "bun:test";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { makeEndpoint } from "../testing/serving.ts";
import { endpointFor } from "./endpoint-for.ts";

test("an endpoint is found by its team and by administrators; to others it is as if there were none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { id, name } = await makeEndpoint(member);
    for (const actor of [member, await makeMember(ctx, "admin")])
      expect((await endpointFor(actor, name)).endpoint.id).toBe(id);
    const [theirs, none] = [name, "no-such-endpoint"].map((asked) =>
      makeMember(ctx).then((other) => endpointFor(other, asked)),
    );
    await expect(theirs).rejects.toMatchObject({ code: "not_found" });
    await expect(none).rejects.toMatchObject({ code: "not_found" });
    await expect(endpointFor(as(ctx, { kind: "anonymous" }), name)).rejects.toMatchObject({
      code: "unauthenticated",
    });
  }));
