import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant } from "../../testing/factories.ts";

test("a round's clock is the organizer's: entrants are refused, and what is no time or no round says so", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { round: { closes_at: "2026-01-01T14:00:00Z" } });
    const entrant = await makeEntrant(ctx, name);
    const path = (verb: string, round = "round-1") => `/competitions/${name}/rounds/${round}/${verb}`;
    const later = { closes_at: "2026-01-01T16:00:00+01:00" };
    const bodies = { pause: {}, resume: {}, extend: later };
    const { ask } = apiOf(organizer);
    for (const [verb, body] of Object.entries(bodies)) {
      expect((await apiOf(entrant).ask("POST", path(verb), body)).status).toBe(403);
      expect((await ask("POST", path(verb, "round-9"), body)).status).toBe(404);
    }
    for (const closes_at of ["tomorrow", "2026-01-01T16:00:00", null])
      expect((await ask("POST", path("extend"), { closes_at })).status).toBe(400);

    const paused = await ask("POST", path("pause"), { reason: "a wrong label" });
    expect(paused.json()).toMatchObject({ state: "open", paused_at: "2026-01-01T12:00:00.000Z" });
    expect((await ask("POST", path("pause"), {})).status).toBe(409);
    expect((await ask("POST", path("resume"), {})).json()).toMatchObject({ paused_at: null });
    expect((await ask("POST", path("extend"), later)).json()).toMatchObject({
      closes_at: "2026-01-01T15:00:00.000Z",
    });
  }));
