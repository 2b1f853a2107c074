import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../../testing/database.ts";
import {
  type Member,
  makeCompetition,
  makeEntrant,
  makeMember,
  place,
  reload,
} from "../../testing/factories.ts";
import { reloadSubmission, submitCheckpoint, submitFile } from "../../testing/submissions.ts";
import { again, makeTeam } from "../../testing/teams.ts";
import { listChanges } from "../history/store.ts";
import { findCompetition, findEntrant, listRounds, updateRound } from "../store.ts";
import { startInference } from "../submissions/infer.ts";
import { joinCompetition } from "./join.ts";
import { withdraw } from "./withdraw.ts";

const leave = (who: Member, name: string, team = who.team.slug) =>
  who.db.transaction((tx) => withdraw(who, tx, name, team));

test("who withdraws is out for good: what runs is stopped, what waits fails with the reason, all is on record", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const member = await makeEntrant(ctx, name);
    const inferred = await submitCheckpoint(member, name);
    await startInference(ctx, inferred.id);
    await place(ctx);
    const waiting = await submitFile(member, name);

    const { id } = await leave(member, name);

    for (const submission of [inferred, waiting])
      expect(await reloadSubmission(ctx, submission)).toMatchObject({
        state: "failed",
        failure: { code: "withdrawn", message: `Team "${member.team.slug}" has withdrawn from "${name}".` },
      });
    const { inferSessionId } = await reloadSubmission(ctx, inferred);
    expect(["stopped", "stopping"]).toContain((await reload(ctx, { id: inferSessionId ?? "" })).state);
    const competition = (await findCompetition(db, { name }))?.competition;
    expect(await findEntrant(db, competition?.id ?? "", member.team.id)).toMatchObject({
      state: "withdrawn",
    });
    expect(await listChanges(db, competition?.id ?? "", 10, undefined)).toMatchObject([
      { change: { action: "withdrawn", entrantId: id, details: { was: "active" } } },
    ]);
    expect(await outboxTypes(db)).toContain("entrant.changed");
    await expect(leave(member, name)).rejects.toMatchObject({ code: "conflict" });
    await expect(submitFile(member, name)).rejects.toMatchObject({ code: "not_an_entrant" });
    const rejoined = db.transaction((tx) => joinCompetition(member, tx, { name }));
    await expect(rejoined).rejects.toMatchObject({ code: "not_an_entrant" });
  }));

test("only who leads the team takes it out, and not once all is over", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const bob = await makeMember(ctx);
    const team = await makeTeam(await makeMember(ctx), bob);
    await db.transaction((tx) => joinCompetition(team, tx, { name, team: team.team.slug }));
    const { slug } = team.team;
    await expect(leave(await again(bob), name, slug)).rejects.toMatchObject({ code: "forbidden" });
    await expect(leave(await makeMember(ctx), name, slug)).rejects.toMatchObject({ code: "forbidden" });
    await expect(leave(team, name, "nobodys")).rejects.toMatchObject({ code: "not_found" });
    const competition = (await findCompetition(db, { name }))?.competition;
    for (const { id } of await listRounds(db, competition?.id ?? ""))
      await db.transaction((tx) => updateRound(tx, id, { state: "closed" }));
    await expect(leave(team, name, slug)).rejects.toThrow("is over");
  }));

test("submissions that come while it withdraws are refused or ended: none is left under way", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx, { round: { limits: { pending: 100 } } });
    const member = await makeEntrant(ctx, name);
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => submitFile(member, name)),
      leave(member, name),
      ...Array.from({ length: 5 }, () => submitFile(member, name)),
    ]);
    expect(outcomes[5]?.status).toBe("fulfilled");
    for (const outcome of outcomes.filter((_, index) => index !== 5)) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "not_an_entrant" });
      else expect((await reloadSubmission(ctx, outcome.value as { id: string })).state).toBe("failed");
    }
  }));
