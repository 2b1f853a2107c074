import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../../testing/factories.ts";
import { createCompetition } from "./create.ts";
import { exportCompetition } from "./export.ts";

test("the organizer gets all that create was given; create takes it again under another name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, name, trees } = await makeCompetition(ctx, {
      rounds: 2,
      definition: {
        terms: { content: "Be fair." },
        pages: [{ name: "rules", title: "Rules", content: "# Rules" }],
      },
    });
    const { version, definition, data } = await exportCompetition(organizer, name);
    expect(version).toBe(1);
    expect(data).toEqual(["round-1", "round-2"].map((round) => ({ round, ...trees })));
    const again = { definition: { ...definition, name: `${name}-again` }, data };
    await organizer.db.transaction((tx) => createCompetition(organizer, tx, again));
    const second = await exportCompetition(organizer, `${name}-again`);
    expect(second.data).toEqual(data);
    expect({ ...second.definition, name }).toEqual(definition);
  }));

test("nobody else gets it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    for (const other of [await makeEntrant(ctx, name), await makeMember(ctx, "organizer")])
      await expect(exportCompetition(other, name)).rejects.toMatchObject({ code: "forbidden" });
    await expect(exportCompetition(await makeMember(ctx), "nothing")).rejects.toMatchObject({
      code: "not_found",
    });
  }));
