import { expect, test } from "bun:test";
import { pricesSchema } from "@podium/shared";
import { grantCredits } from "../credits/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { makeEndpoint, routesOf } from "../testing/serving.ts";
import { creditChanged } from "./follow-credit.ts";
import { takeUsage } from "./take-usage.ts";

async function setPrice(ctx: TestContext, thousand_calls: number) {
  const { ask } = apiOf(await makeMember(ctx, "admin"));
  expect((await ask("PUT", "/credits/prices", pricesSchema.parse({ thousand_calls }))).status).toBe(200);
}

test("gateways hear that a team can't pay, and that it can again; where calls cost nothing everybody can", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx, "participant", 1);
    const endpoint = await makeEndpoint(member);
    const isOut = async () => (await routesOf(ctx, endpoint)).out_of_credit;
    await setPrice(ctx, 1_000_000);
    expect(await isOut()).toBe(false);
    await takeUsage(ctx, {
      gateway_id: `gtw_${"a".repeat(32)}`,
      sequence: 1,
      items: [{ endpoint_id: endpoint.id as `end_${string}`, calls: 5_000, failed: 0 }],
    });
    expect(await isOut()).toBe(true);

    await grantCredits(ctx, { team: member.team.slug, amount: 1, memo: "" });
    expect(await isOut()).toBe(false);
    expect(await outboxTypes(db)).toEqual(expect.arrayContaining(["credits.exhausted", "credits.granted"]));
    const poor = await makeEndpoint(await makeMember(ctx, "participant", 0));
    expect((await routesOf(ctx, poor)).out_of_credit).toBe(true);
    await setPrice(ctx, 0);
    expect((await routesOf(ctx, poor)).out_of_credit).toBe(false);
  }));

test("a change of credit is told once to gateways when the team has endpoints, and not at all when it has none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await creditChanged(ctx, member.team.id);
    expect(await outboxTypes(db)).toEqual([]);
    for (let made = 0; made < 2; made++) await makeEndpoint(member);
    const before = (await outboxTypes(db)).length;
    await creditChanged(ctx, member.team.id);
    expect((await outboxTypes(db)).slice(before)).toEqual(["routes.changed"]);
  }));
