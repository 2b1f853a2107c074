import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { gatewayOrigins } from "./gateway-origins.ts";

test("the page may call the gateways that are up, each named once and without its path", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const beat = (digit: string, public_url: string) =>
      apiOf(as(ctx, { kind: "gateway" })).ask("POST", "/gateway/heartbeat", {
        gateway_id: `gtw_${digit.repeat(32)}`,
        replica_url: "ws://gateway.test",
        public_url,
      });
    await beat("a", "https://old.test");
    ctx.clock.advance(40_000);
    await beat("b", "https://models.test/one");
    await beat("c", "https://models.test/two");
    expect(await gatewayOrigins(ctx)).toEqual(["https://models.test"]);
  }));
