import { expect, test } from "bun:test";
import { competitionChanges } from "../../competitions/schema.ts";
import { apiOf } from "../../testing/api.ts";
import { makeScored, setSubmission } from "../../testing/boards.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { lookForUnfairness } from "./look.ts";

test("the organizer judges a finding with a reason; entrants neither read nor judge it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, members, made } = await makeScored(ctx, [1, 1]);
    for (const { id } of made) await setSubmission(ctx, id, { predictionsDigest: "same" });
    for (const { id } of made) await lookForUnfairness(ctx, id);
    const path = `/competitions/${name}/findings`;
    const [finding] = (await apiOf(organizer).ask("GET", path)).json().items;
    const verdict = { verdict: "dismissed", reason: "Both sent the baseline." };
    const [player] = members;
    if (!player) throw new Error("no player");

    expect((await apiOf(player).ask("GET", path)).status).toBe(403);
    expect((await apiOf(player).ask("POST", `${path}/${finding.id}`, verdict)).status).toBe(403);
    const bare = await apiOf(organizer).ask("POST", `${path}/${finding.id}`, { verdict: "upheld" });
    expect(bare.status).toBe(400);
    const judged = await apiOf(organizer).ask("POST", `${path}/${finding.id}`, verdict);

    expect(judged.status).toBe(200);
    expect(judged.json()).toMatchObject({ ...verdict, id: finding.id });
    const history = await db.select().from(competitionChanges);
    expect(history).toMatchObject([{ action: "finding dismissed", reason: verdict.reason }]);
  }));
