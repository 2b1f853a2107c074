import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition } from "../../testing/factories.ts";

test("the data of a round, and any version of it, stays as long as the competition does", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    const { ask } = apiOf(organizer);
    const path = `/datasets/${organizer.team.slug}/${name}-round-1`;
    for (const address of [path, `${path}/versions/1`]) {
      const { status, json } = await ask("DELETE", address);
      expect(status).toBe(409);
      expect(json().detail).toContain(`it is the data of round-1 of the competition "${name}"`);
    }
  }));
