import { expect, test } from "bun:test";
import { gatewayNewsSchema } from "@podium/shared";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeEndpoint } from "../../testing/serving.ts";
import { takeUsage } from "../take-usage.ts";

const gateway = (digit: string) => `gtw_${digit.repeat(32)}`;

test("a gateway hears of the others that are up, and of every gateway's calls of the keys that have a quota", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const { ask } = apiOf(member);
    const make = async (input: object) =>
      (await ask("POST", `/endpoints/${endpoint.name}/keys`, { name: "k", ...input })).json().id;
    const limited = await make({ calls_per_month: 100 });
    const free = await make({});
    const beat = async (digit: string) => {
      const answer = await apiOf(as(ctx, { kind: "gateway" })).ask("POST", "/gateway/heartbeat", {
        gateway_id: gateway(digit),
        replica_url: `wss://gateway-${digit}.test`,
        public_url: "https://models.test",
      });
      expect(answer.status).toBe(200);
      return gatewayNewsSchema.parse(answer.json());
    };
    await beat("a");
    const use = (digit: string, sequence: number, counted_at: string, calls: number) =>
      takeUsage(ctx, {
        gateway_id: gateway(digit),
        sequence,
        counted_at,
        items: [
          { endpoint_id: endpoint.id as `end_${string}`, key_id: limited, calls, failed: 1 },
          { endpoint_id: endpoint.id as `end_${string}`, key_id: free, calls, failed: 0 },
        ],
      });
    await use("a", 1, "2025-12-31T23:59:59Z", 7);
    await use("a", 2, "2026-01-01T09:00:00Z", 10);
    await use("b", 1, "2026-01-01T10:00:00Z", 20);
    await use("b", 1, "2026-01-01T10:00:00Z", 20);
    ctx.clock.advance(86_400_000);
    await use("b", 2, "2026-01-02T10:00:00Z", 3);
    await beat("b");

    const news = await beat("c");
    expect(news.gateways).toEqual(
      ["b", "c"].map((digit) => ({ id: gateway(digit), url: `https://gateway-${digit}.test` })) as never,
    );
    expect(news.quotas).toEqual([
      { key_id: limited, day: "2026-01-02", calls_today: 3, calls_this_month: 33 },
    ]);
    expect(news.pages).toEqual([new URL(ctx.settings.publicUrl).origin]);
    const shown = (await ask("GET", `/endpoints/${endpoint.name}/keys`)).json().items;
    expect(shown.map((key: { calls_this_month: number }) => key.calls_this_month)).toEqual([33, 33]);
    expect(shown[0].last_used_at).toBe("2026-01-02T10:00:00.000Z");
  }));

test("a report about a key that was revoked is taken all the same", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const endpoint = await makeEndpoint(await makeMember(ctx));
    const key_id = ctx.ids.next("endpointKey");
    const items = [{ endpoint_id: endpoint.id as `end_${string}`, key_id, calls: 1, failed: 0 }];
    await takeUsage(ctx, { gateway_id: gateway("a"), sequence: 1, items });
    const again = apiOf(as(ctx, { kind: "gateway" }));
    const answer = await again.ask("POST", "/gateway/usage", {
      gateway_id: gateway("a"),
      sequence: 1,
      items,
    });
    expect(answer.status).toBe(204);
  }));
