import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeMember } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { submitFile } from "../../testing/submissions.ts";

test("to all but its organizers a rehearsal is not there: no address tells it from a name that nobody uses", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, definition, data } = await makeCompetition(ctx);
    const own = apiOf(organizer);
    const started = await own.ask("POST", "/rehearsals", { definition, data });
    expect([started.status, started.json().rounds[0].state]).toEqual([201, "open"]);
    const { name } = started.json();
    const stranger = apiOf(await makeMember(ctx, "organizer"));
    const listed = async ({ ask }: typeof own) =>
      (await ask("GET", "/competitions")).json().items.map((each: { name: string }) => each.name);
    expect([await listed(own), await listed(stranger)]).toEqual([[definition.name], [definition.name]]);

    const addresses = own
      .addresses()
      .map((path) => path.replace("/api/v1", ""))
      .filter((path) => path.startsWith("/competitions/{name}"));
    expect(addresses.length).toBeGreaterThan(8);
    for (const path of addresses) {
      const address = (of: string) => path.replace("{name}", of).replace("{round}", "round-1");
      const [known, unknown] = [address(name), address("rehearsal-000000000000")];
      const [seen, none] = [await stranger.ask("GET", known), await stranger.ask("GET", unknown)];
      expect([path, seen.status]).toEqual([path, 404]);
      expect([path, none.status]).toEqual([path, 404]);
    }
    expect((await stranger.ask("POST", `/competitions/${name}/entrants`, {})).status).toBe(404);
    expect((await stranger.ask("DELETE", `/rehearsals/${name}`)).status).toBe(404);
    expect((await own.ask("GET", `/competitions/${name}`)).json().entrants).toBe(1);
    expect((await own.ask("DELETE", `/rehearsals/${name}`)).status).toBe(204);
    expect((await own.ask("GET", `/competitions/${name}`)).status).toBe(404);
  }));

test("what happens in a rehearsal is mailed to nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, definition, data } = await makeCompetition(ctx);
    const own = apiOf(organizer);
    const { name } = (await own.ask("POST", "/rehearsals", { definition, data })).json();
    await submitFile(organizer, name);
    await settle(ctx, { scorer: { score: async () => ({ scores: { score: 0.25 }, rows: 4 }) } });
    expect((await own.ask("GET", "/notifications")).json().items).toEqual([]);
  }));
