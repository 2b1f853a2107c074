import { expect, test } from "bun:test";
import { pricesSchema, type usageReportSchema } from "@podium/shared";
import type { z } from "zod";
import { apiOf } from "../testing/api.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { outboxTypes, withDatabase, withRollback } from "../testing/database.ts";
import { creditOf, makeMember } from "../testing/factories.ts";
import { makeEndpoint } from "../testing/serving.ts";
import { takeUsage } from "./take-usage.ts";

type Report = z.infer<typeof usageReportSchema>;
const gateway = (digit: string) => `gtw_${digit.repeat(32)}`;
const report = (sequence: number, items: [{ id: string }, number][], gateway_id = gateway("a")): Report => ({
  gateway_id,
  sequence,
  items: items.map(([{ id }, calls]) => ({ endpoint_id: id as `end_${string}`, calls, failed: 0 })),
});
/** microcredits */
const PER_THOUSAND = 1_000_003;

async function setPrice(ctx: TestContext): Promise<void> {
  const { ask } = apiOf(await makeMember(ctx, "admin"));
  const { status } = await ask(
    "PUT",
    "/credits/prices",
    pricesSchema.parse({ thousand_calls: PER_THOUSAND }),
  );
  expect(status).toBe(200);
}

test("calls are charged to the endpoint's team once, however often the report comes", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const member = await makeMember(ctx);
    const other = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    for (let time = 0; time < 3; time++) await takeUsage(ctx, report(1, [[endpoint, 2000]]));
    expect((await creditOf(member)).spent).toBe((2 * PER_THOUSAND) / 1e6);
    expect((await creditOf(other)).spent).toBe(0);
    await takeUsage(ctx, report(1, [[endpoint, 1000]], gateway("b")));
    expect((await creditOf(member)).spent).toBe((3 * PER_THOUSAND) / 1e6);
  }));

test("many small reports cost what one large one costs", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const [often, rarely] = [await makeMember(ctx), await makeMember(ctx)];
    const [small, large] = [await makeEndpoint(often), await makeEndpoint(rarely)];
    for (let sequence = 1; sequence <= 77; sequence++) await takeUsage(ctx, report(sequence, [[small, 13]]));
    await takeUsage(ctx, report(1, [[large, 77 * 13]], gateway("b")));
    expect(await creditOf(often)).toEqual(await creditOf(rarely));
    expect((await creditOf(rarely)).spent).toBe(Math.floor((77 * 13 * PER_THOUSAND) / 1000) / 1e6);
  }));

test("an endpoint that a report names twice is charged for both; one that is unknown stops none of the others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const unknown = { id: ctx.ids.next("endpoint") };
    await takeUsage(
      ctx,
      report(1, [
        [unknown, 1000],
        [endpoint, 1000],
        [endpoint, 1000],
      ]),
    );
    expect((await creditOf(member)).spent).toBe((2 * PER_THOUSAND) / 1e6);
  }));

test("a team without credit pays what it has, and is told", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const member = await makeMember(ctx, "participant", 3);
    const [first, second] = [await makeEndpoint(member), await makeEndpoint(member)];
    await takeUsage(
      ctx,
      report(1, [
        [first, 5000],
        [second, 5000],
      ]),
    );
    expect(await creditOf(member)).toEqual({ available: 0, held: 0, spent: 3 });
    expect((await outboxTypes(db)).filter((type) => type === "credits.exhausted")).toHaveLength(1);
  }));

test("reports of many gateways at once, in any order of their endpoints, are all charged", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const members = [await makeMember(ctx), await makeMember(ctx)];
    const endpoints = [];
    for (const member of [...members, ...members, ...members]) endpoints.push(await makeEndpoint(member));
    const items = endpoints.map((endpoint): [{ id: string }, number] => [endpoint, 1000]);
    await Promise.all(
      ["a", "b", "c", "d", "e", "f"].flatMap((digit, index) => {
        const turned = [...items.slice(index), ...items.slice(0, index)];
        const mine = index % 2 === 0 ? turned : turned.reverse();
        return [
          takeUsage(ctx, report(1, mine, gateway(digit))),
          takeUsage(ctx, report(1, mine, gateway(digit))),
        ];
      }),
    );
    for (const member of members) expect((await creditOf(member)).spent).toBe((18 * PER_THOUSAND) / 1e6);
  }));

test("what was not answered is counted, but not paid for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await setPrice(ctx);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const items = [{ endpoint_id: endpoint.id as `end_${string}`, calls: 3000, failed: 1000 }];
    await takeUsage(ctx, { gateway_id: gateway("a"), sequence: 1, items });
    await takeUsage(ctx, { gateway_id: gateway("a"), sequence: 2, items });
    expect((await creditOf(member)).spent).toBe((4 * PER_THOUSAND) / 1e6);
  }));
