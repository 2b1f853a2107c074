import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeMember } from "../../testing/factories.ts";
import { rehearse } from "../../testing/rehearsals.ts";
import { submitFile } from "../../testing/submissions.ts";
import { closeRound } from "../rounds/close-round.ts";
import { listRounds } from "../store.ts";
import { startRehearsal } from "./start.ts";

test("a rehearsal is open at once, whatever the contest's times, terms and eligibility; its organizer submits", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const times = { opens_at: "2030-01-01T00:00:00Z", closes_at: "2030-02-01T00:00:00Z", freeze: "1h" };
    const definition = { terms: { content: "Be fair." }, eligibility: { emails: ["*@nowhere.example"] } };
    const contest = await makeCompetition(ctx, { round: times, definition });
    const { name, id } = await rehearse(contest);
    expect(name).toStartWith("rehearsal-");
    expect(await listRounds(db, id)).toMatchObject([{ state: "open", opensAt: null, closesAt: null }]);
    expect(await submitFile(contest.organizer, name)).toMatchObject({ number: 1, state: "scoring" });
  }));

test("its limits are the contest's, and its rounds close by hand", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeCompetition(ctx, { rounds: 2, round: { limits: { total: 1 } } });
    const { name, id } = await rehearse(contest);
    await submitFile(contest.organizer, name);
    await expect(submitFile(contest.organizer, name)).rejects.toMatchObject({ code: "limit_reached" });
    const [first] = await listRounds(db, id);
    await db.transaction((tx) => closeRound(ctx, tx, first?.id ?? ""));
    expect(await listRounds(db, id)).toMatchObject([{ state: "closing" }, { state: "upcoming" }]);
  }));

test("only organizers rehearse, and only for a team of theirs", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const contest = await makeCompetition(ctx);
    const { definition, data } = contest;
    const stranger = await makeMember(ctx);
    const start = (who: typeof stranger, team?: string) =>
      db.transaction((tx) => startRehearsal(who, tx, { definition, data, ...(team ? { team } : {}) }));
    await expect(start(stranger)).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeMember(ctx, "organizer");
    await expect(start(contest.organizer, other.team.slug)).rejects.toThrow("not a member");
  }));
