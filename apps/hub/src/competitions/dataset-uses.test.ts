import { expect, test } from "bun:test";
import { removeDataset, removeVersion } from "../data/catalog/remove-dataset.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition } from "../testing/factories.ts";
import { roundsUsing } from "./dataset-uses.ts";

test("the data of a round, and any version of it, stays as long as the competition does", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    const dataset = { team: organizer.team.slug, name: `${name}-round-1` };
    const refusal = {
      code: "conflict",
      message: expect.stringContaining(`it is the data of round-1 of the competition "${name}"`),
    };
    const all = db.transaction((tx) => removeDataset(organizer, tx, dataset, [roundsUsing]));
    await expect(all).rejects.toMatchObject(refusal);
    const one = db.transaction((tx) =>
      removeVersion(organizer, tx, { ...dataset, number: 1 }, [roundsUsing]),
    );
    await expect(one).rejects.toMatchObject(refusal);
  }));
