import { expect, test } from "bun:test";
import { MICROCREDITS } from "@podium/shared";
import { grantCredits } from "../../credits/index.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { creditOf, ENDED, makeMember, makeRunningSession, report } from "../../testing/factories.ts";
import { LIMITS, told } from "../../testing/minutes.ts";
import { findLowCredit } from "./low-credit.ts";
import { watchForTrouble } from "./watch.ts";

test("a team hears once that its credit will soon be used up, and that it lasts again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 25);
    const look = () => watchForTrouble(ctx, LIMITS);
    const first = await makeRunningSession(member, { resources: { gpus: 2 } });
    await look();
    expect([(await creditOf(member)).available, await told(ctx)]).toEqual([23, []]);

    const second = await makeRunningSession(member, { resources: { gpus: 1 } });
    await look();
    await look();
    const text = expect.stringMatching(/^Your team has 22 credits left: .* about 7 minutes\./);
    const raised = ["alert.raised", "credits.low", member.team.id, text];
    expect(await told(ctx)).toEqual([raised]);

    // Between the two limits nothing is said, or each session that ends would bring a mail.
    await report(ctx, second, ENDED);
    await look();
    expect(await told(ctx)).toEqual([raised]);
    await grantCredits(ctx, { team: member.team.slug, amount: 100 * MICROCREDITS, memo: "" });
    await look();
    const over = ["alert.cleared", "credits.low", member.team.id, expect.stringContaining("enough again")];
    expect(await told(ctx)).toEqual([raised, over]);
    await report(ctx, first, ENDED);
    await look();
    expect((await told(ctx)).length).toBe(2);
  }));

test("what costs nothing lasts for ever, and a team without credit that runs nothing is left alone", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await makeRunningSession(await makeMember(ctx, "participant", 0));
    await makeMember(ctx, "participant", 0);
    expect(await findLowCredit(ctx)).toEqual([]);
  }));
