import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { giveSketch, makeScored, setSubmission } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { lookForUnfairness } from "./look.ts";

test("the same answers of two entrants are one finding, however often it is looked; one's own again are none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, members, made } = await makeScored(ctx, [1, 1, 2]);
    for (const [index, digest] of ["same", "same", "other"].entries())
      await setSubmission(ctx, made[index]?.id ?? "", { predictionsDigest: digest });

    for (const { id } of [...made, ...made]) await lookForUnfairness(ctx, id);

    const { items } = (await apiOf(organizer).ask("GET", `/competitions/${name}/findings`)).json();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ kind: "duplicate", verdict: null });
    expect(items[0].evidence.entrants.toSorted()).toEqual(
      members
        .slice(0, 2)
        .map(({ team }) => team.slug)
        .sort(),
    );
  }));

/** A sketch of answers, of which so many of 256 parts are others'. */
function sketch(changed: number): string {
  const bins = Uint32Array.from({ length: 256 }, (_, bin) => (bin < changed ? 1_000 + bin : bin));
  return Buffer.from(bins.buffer).toString("base64");
}

test("almost the same answers as those on another's row of the board are told of with how alike they are; others not", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, made } = await makeScored(ctx, [1, 1.01, 2]);
    for (const [index, changed] of [0, 3, 200].entries()) {
      const id = made[index]?.id ?? "";
      await setSubmission(ctx, id, { predictionsDigest: `d${index}` });
      await giveSketch(ctx, id, sketch(changed));
    }

    for (const { id } of made) await lookForUnfairness(ctx, id);

    const { items } = (await apiOf(organizer).ask("GET", `/competitions/${name}/findings`)).json();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ kind: "near_duplicate", evidence: { similarity: 253 / 256 } });
  }));
