import { expect, test } from "bun:test";
import { as, systemContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { makeCompetition, makeEntrant, makeMember } from "../../testing/factories.ts";
import { findRound } from "../store.ts";
import { closeRound, roundOfOrganizer } from "./close-round.ts";

test("closing an open round is told once; what is not open can't be closed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, { rounds: 2 });
    const { round } = await roundOfOrganizer(organizer, name, "round-1");
    await db.transaction((tx) => closeRound(organizer, tx, round.id));
    expect((await findRound(db, { id: round.id }))?.state).toBe("closing");
    const again = db.transaction((tx) => closeRound(organizer, tx, round.id));
    await expect(again).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("is closing"),
    });
    const { round: second } = await roundOfOrganizer(organizer, name, "round-2");
    const early = db.transaction((tx) => closeRound(organizer, tx, second.id));
    await expect(early).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("is upcoming"),
    });
    const nowhere = db.transaction((tx) => closeRound(organizer, tx, ctx.ids.next("round")));
    await expect(nowhere).rejects.toMatchObject({ code: "conflict" });
    expect((await outboxTypes(db)).filter((type) => type === "round.closing")).toHaveLength(1);
  }));

test("only the organizer's team and administrators command a round", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const admin = await makeMember(ctx, "admin");
    for (const who of [organizer, admin])
      expect((await roundOfOrganizer(who, name, "round-1")).competition.name).toBe(name);
    for (const who of [await makeEntrant(ctx, name), await makeMember(ctx, "organizer")])
      await expect(roundOfOrganizer(who, name, "round-1")).rejects.toMatchObject({ code: "forbidden" });
    await expect(roundOfOrganizer(organizer, name, "round-9")).rejects.toMatchObject({ code: "not_found" });
    await expect(roundOfOrganizer(organizer, "nowhere", "round-1")).rejects.toMatchObject({
      code: "not_found",
    });
    const nobody = as(ctx, { kind: "anonymous" });
    await expect(roundOfOrganizer(nobody, name, "round-1")).rejects.toMatchObject({
      code: "unauthenticated",
    });
  }));
